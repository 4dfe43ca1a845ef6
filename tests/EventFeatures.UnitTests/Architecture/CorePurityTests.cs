using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Architecture;

/// <summary>
/// Core is a function of its arguments: it asks no clock, no file, no network, no environment and no chance. A type is
/// found by its name where a member of it is used or an instance of it is made.
/// </summary>
public sealed class CorePurityTests
{
    private static readonly HashSet<string> Impure =
    [
        "File", "Directory", "FileInfo", "DirectoryInfo", "FileStream", "StreamReader", "StreamWriter", "Console", "Process",
        "Stopwatch", "TimeProvider", "Timer", "PeriodicTimer", "HttpClient", "Socket", "TcpClient", "Dns", "AppContext", "AppDomain",
        "Random", "RandomNumberGenerator", "Thread", "ThreadPool",
    ];

    /// <summary>A file without any of these words has nothing to be found.</summary>
    private static readonly Regex Suspect = new($@"\b(?:{string.Join('|', [.. Impure, "Environment", "Guid"])})\b");

    // A line break is the one thing of Environment that is no fact of the machine's state.
    private static readonly HashSet<string> HarmlessEnvironment = ["NewLine"];

    [Fact]
    public void Core_uses_no_clock_and_no_input_or_output()
    {
        var uses =
            from source in SourceTree.Sources
            where source.Project == "EventFeatures.Core" && Suspect.IsMatch(source.Text)
            from node in source.Root.DescendantNodes()
            let used = ImpureUse(node)
            where used is not null
            select $"{source.Path}:{node.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1}: {used}";

        uses.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("class A { string B() => File.ReadAllText(\"x\"); }", "File.ReadAllText")]
    [InlineData("class A { object B() => System.IO.File.Open(\"x\", 0); }", "System.IO.File.Open")]
    [InlineData("class A { string C() => Environment.MachineName; }", "Environment.MachineName")]
    [InlineData("class A { string C() => Environment.NewLine; }", null)]
    [InlineData("class A { object C() => new Random(4); }", "new Random(4)")]
    [InlineData("class A { object C() => Guid.NewGuid(); }", "Guid.NewGuid")]
    [InlineData("record A(string File) { int B => File.Length; }", null)]
    public void The_scan_sees_what_it_looks_for(string code, string? expected) =>
        CSharpSyntaxTree.ParseText(code).GetRoot().DescendantNodes().Select(ImpureUse).FirstOrDefault(use => use is not null).ShouldBe(expected);

    private static string? ImpureUse(SyntaxNode node)
    {
        switch (node)
        {
            case MemberAccessExpressionSyntax access:
                var type = Last(access.Expression);
                var member = access.Name.Identifier.Text;
                var impure = type == "Environment" ? !HarmlessEnvironment.Contains(member)
                    : (type == "Guid" && member is "NewGuid" or "CreateVersion7") || (type is not null && Impure.Contains(type) && !IsOwnMember(access, type));
                return impure ? access.ToString() : null;
            case ObjectCreationExpressionSyntax creation when Impure.Contains(creation.Type.ToString().Split('.')[^1]):
                return creation.ToString();
            default:
                return null;
        }
    }

    private static string? Last(ExpressionSyntax expression) => expression switch
    {
        IdentifierNameSyntax name => name.Identifier.Text,
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        _ => null,
    };

    /// <summary>Whether the enclosing type has a member of that name, such as a definition issue's file.</summary>
    private static bool IsOwnMember(SyntaxNode node, string name) => node.Ancestors().OfType<TypeDeclarationSyntax>().Any(type =>
        type.Members.OfType<PropertyDeclarationSyntax>().Any(property => property.Identifier.Text == name)
        || (type.ParameterList?.Parameters.Any(parameter => parameter.Identifier.Text == name) ?? false));
}
