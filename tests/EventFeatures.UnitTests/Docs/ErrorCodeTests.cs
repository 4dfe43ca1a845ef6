using System.Text.RegularExpressions;
using EventFeatures.UnitTests.Architecture;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Docs;

/// <summary>Every text of the source that is written like a code is one of the runbook's, or a word listed here.</summary>
public sealed partial class ErrorCodeTests
{
    private const string Runbook = "ops/runbooks/errors.md";

    /// <summary>Where codes are given: the log's protocol and the command line have words of their own.</summary>
    private static readonly string[] Projects =
        ["EventFeatures.Core", "EventFeatures.Application", "EventFeatures.Views", "EventFeatures.Inference", "EventFeatures.Server"];

    /// <summary>Words that look like codes and are none: states, kinds of ids, names of protocols.</summary>
    private static readonly HashSet<string> Words =
    [
        "catching-up", "not-comparable", "model-registered", "champion-promoted", "view-version-served", "view-version-retired", "view-version-revived", "view-switch-planned", "content-type", "training-set", "training-sets", "scavenge-log", "positionmap-index", "positions-mapped", "event-removed", "copy-started", "monitor-consistency", "consistency-mismatch",
        "error-code", "next-step", "grpc-message", "grpc-status", "grpc-status-details-bin", "grpc-timeout", "grpc-retry-pushback-ms", "http2-on-the-api-port", "http2-on",
    ];

    [Fact]
    public void Every_code_of_the_source_is_explained_in_the_runbook() =>
        InSource().Where(found => Kebab().IsMatch(found.Code) && !Words.Contains(found.Code)).ExceptBy(InRunbook(), found => found.Code)
            .Select(found => $"{found.Code} in {found.Path}").ShouldBeEmpty($"Explain it in {Runbook}.");

    [Fact]
    public void Every_code_of_the_runbook_is_given_somewhere() =>
        InRunbook().Except(InSource().Select(found => found.Code)).ShouldBeEmpty($"No source gives it. Take it out of {Runbook}.");

    private static List<(string Code, string Path)> InSource()
    {
        var runbook = InRunbook().ToHashSet();
        return
        [
            .. from source in SourceTree.Sources
               where Projects.Contains(source.Project) && Text().Matches(source.Text).Any(text => Kebab().IsMatch(text.Groups[1].Value) || runbook.Contains(text.Groups[1].Value))
               from token in source.Root.DescendantTokens()
               where token.IsKind(SyntaxKind.StringLiteralToken)
               select (token.ValueText, source.Path),
        ];
    }

    private static IEnumerable<string> InRunbook() =>
        SourceTree.Read(Runbook).Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Quoted().Matches(line.Split('|')[1])).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(?:-[a-z0-9]+)+\z")]
    private static partial Regex Kebab();

    [GeneratedRegex("\"([a-z0-9-]+)\"")]
    private static partial Regex Text();

    [GeneratedRegex("`([a-z0-9-]+)`")]
    private static partial Regex Quoted();
}
