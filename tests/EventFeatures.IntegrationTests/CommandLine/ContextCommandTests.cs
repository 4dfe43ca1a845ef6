using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.IntegrationTests.Api;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.CommandLine;

/// <summary>A request's context as it is typed, against a server whose service declares it.</summary>
public sealed class ContextCommandTests(PaymentsSystem payments) : IClassFixture<PaymentsSystem>
{
    private const string Service = """
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: shopping
        version: 1
        owner: fraud-models@example.com
        context:
          - { name: mcc, type: string }
          - { name: price, type: decimal }
        features:
          - { feature: card_activity__count_1h, missing: { default: 0 } }
          - { name: is_grocery, expression: "mcc == '5411'" }
          - { name: price, expression: price }
        """;

    [Fact]
    public async Task A_text_of_digits_is_a_text_and_a_decimal_keeps_its_digits()
    {
        await payments.System.Registry.ApplyAsync(new ApplyRequest
        {
            Files = { new DefinitionFile { Path = "shopping.yaml", Content = Service } },
            Actor = "tests",
            Reason = "to be tested",
        });

        var run = await RunAsync("features", "get", "--service", "shopping", "--context", "mcc=5411", "--context", "price=12345678901234567890.12345678", "--json");

        run.ExitCode.ShouldBe(0, run.ToString());
        var values = JsonElement.Parse(run.Output).GetProperty("features").EnumerateArray().ToDictionary(feature => feature.GetProperty("name").GetString()!, feature => feature.GetProperty("value"));
        values["is_grocery"].GetProperty("boolean").GetBoolean().ShouldBeTrue();
        values["price"].GetProperty("decimal").GetString().ShouldBe("12345678901234567890.12345678");
    }

    [Fact]
    public async Task What_is_no_value_of_its_field_is_refused_with_the_field()
    {
        var get = await RunAsync("features", "get", "--service", "fraud@v1", "--context", "amount=much");
        var predict = await RunAsync("predict", "--model", "fraud", "--context", "amount=much");
        var unknown = await RunAsync("features", "get", "--service", "fraud@v1", "--context", "amuont=1");

        get.ExitCode.ShouldBe(2, get.ToString());
        get.Errors.ShouldContain("--context amount is \"much\", but the definitions say that it is of type number.");
        predict.ExitCode.ShouldBe(2, predict.ToString());
        predict.Errors.ShouldContain("--context amount is \"much\"");
        unknown.ExitCode.ShouldBe(2, unknown.ToString());
        unknown.Errors.ShouldContain("has no context field 'amuont'. It has amount.");
    }

    private Task<CommandRun> RunAsync(params string[] arguments) =>
        CommandRun.Of([.. arguments, "--entity", "card=1", "--server", payments.System.Host.ApiAddress]);
}
