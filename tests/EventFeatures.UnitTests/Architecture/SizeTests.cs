using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Architecture;

/// <summary>The ratchet: what is too long is listed by name, and the lists may only shrink.</summary>
public sealed class SizeTests
{
    private const int FileLinesMax = 400;
    private const int MethodLinesMax = 70;

    private static readonly string[] LongFiles = [];
    private static readonly string[] LongMethods = [];

    [Fact]
    public void No_file_is_longer_than_400_lines() => SourceTree.Sources
        .Where(source => MayHave(FileLinesMax, source) && Lines(source.Root) > FileLinesMax)
        .Select(source => source.Path)
        .ShouldBe(LongFiles, ignoreOrder: true, "Split a file that is new here into its ideas; take one that is no longer here off the list.");

    [Fact]
    public void No_method_is_longer_than_70_lines()
    {
        var tooLong =
            from source in SourceTree.Sources
            where MayHave(MethodLinesMax, source)
            from node in source.Root.DescendantNodes(node => Lines(node) > MethodLinesMax)
            let name = Name(node)
            where name is not null && Lines(node) > MethodLinesMax
            select $"{source.Path}: {name}";

        tooLong.ShouldBe(LongMethods, ignoreOrder: true, "Split a method that is new here into its steps; take one that is no longer here off the list.");
    }

    // What is short as a whole has no long part, neither a file nor anything in it.
    private static bool MayHave(int lines, SourceFile source) => source.Text.AsSpan().Count('\n') >= lines;

    private static int Lines(SyntaxNode node)
    {
        var span = node.SyntaxTree.GetLineSpan(node.Span);
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private static string? Name(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
        OperatorDeclarationSyntax operation => operation.OperatorToken.Text,
        _ => null,
    };
}
