using System.Globalization;
using System.Reflection;
using EventFeatures.Testing.Log;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>Every behaviour in the list of the protocol's facts has a test that names its number.</summary>
public sealed class FactTests
{
    private const int Facts = 28;

    [Fact]
    public void Every_fact_of_the_protocol_is_named_by_a_test()
    {
        Assembly[] assemblies = [typeof(FactTests).Assembly, typeof(LogContract).Assembly];
        var named = assemblies.Distinct().SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .SelectMany(method => method.GetCustomAttributesData())
            .Where(attribute => attribute.AttributeType == typeof(TraitAttribute) && attribute.ConstructorArguments[0].Value is "Fact")
            .Select(attribute => int.Parse((string)attribute.ConstructorArguments[1].Value!, CultureInfo.InvariantCulture))
            .ToHashSet();

        Enumerable.Range(1, Facts).Where(fact => !named.Contains(fact)).ShouldBeEmpty();
        named.ShouldAllBe(fact => fact >= 1 && fact <= Facts);
    }
}
