using System.CommandLine;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files;
using EventFeatures.Cli.Files.Spines;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>features batch</c>: reads the online views for many entities in one call.</summary>
internal static class FeatureBatchVerb
{
    private const string Example = """{"card": "4929", "amount": 12.5}""";
    private const int RowsMax = Application.FeatureServices.GetFeatureBatch.RowsMax;

    public static Command Create()
    {
        var service = new Option<string>("--service") { Description = "A feature service, for example fraud@v1.", HelpName = "NAME", Required = true };
        var file = new Option<string>("--file")
        {
            Description = "For whom: a line {\"<entity>\": key} a row, with the service's context fields as columns; others are left alone.",
            HelpName = "FILE.jsonl",
            Required = true,
        };
        var asOf = new Option<string?>("--as-of") { Description = "The instant the values describe. Default: now.", HelpName = "TIME" };
        var minPosition = new Option<ulong>("--min-position") { Description = "Wait until the views have seen this position (an append's answer).", HelpName = "P" };
        return new Command("batch", "Read the features of many entities in one call, at most 1,000.") { service, file, asOf, minPosition }
            .Does(async (invocation, cancellation) =>
            {
                var lines = await ReadAsync(invocation.Get(file)!, cancellation).ConfigureAwait(false);
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var columns = await SpineColumns.OfServiceAsync(api, invocation.Get(service)!, cancellation).ConfigureAwait(false);
                var request = new GetFeatureBatchRequest
                {
                    Service = invocation.Get(service),
                    AsOf = invocation.Get(asOf) ?? "",
                    MinPosition = invocation.Get(minPosition),
                };
                foreach (var line in lines)
                {
                    line.RefuseMisspelt(columns.ContextFields, columns.IsKnown);
                    var row = new SpineRow();
                    columns.Fill(row, JsonSpine.ColumnsOf(line, columns), line.Wrong);
                    request.Rows.Add(new FeatureBatchRow { Entities = { row.Entities }, Context = { row.Context } });
                }
                var answer = await api.Features.GetFeatureBatchAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
                invocation.Print(answer, Print);
            });
    }

    private static async Task<List<InputLine>> ReadAsync(string path, CancellationToken cancellation)
    {
        var lines = new List<InputLine>();
        await foreach (var (number, line) in JsonLines.ReadAsync(path, Example, Checked, cancellation).ConfigureAwait(false))
        {
            if (lines.Count == RowsMax)
                throw new UsageException(FormattableString.Invariant($"{UserFile.NameOf(path)}:{number}: this is one row more than the {RowsMax:N0} of one call. Split the file, for example with: split -l {RowsMax}"));
            lines.Add(line);
        }
        return lines;
    }

    /// <summary>The line, kept until the definitions say what its columns are; what is wrong with it alone is told before.</summary>
    private static InputLine Checked(InputLine line)
    {
        _ = JsonSpine.ColumnsOf(line, SpineColumns.Unknown);
        return line.Copy();
    }

    private static void Print(TextWriter writer, GetFeatureBatchResponse answer)
    {
        writer.WriteLine($"as of {answer.AsOf}");
        Table.Print(writer, [.. answer.Views.Select(view => view.Entity).Distinct(), .. answer.Names], answer.Rows.Select(row =>
            (string[])[.. Keys(answer, row), .. row.Values.Select((value, index) => row.Statuses[index] == FeatureStatus.Present || value.KindCase != Value.KindOneofCase.Null
                ? ValueText.Write(value)
                : FeatureTable.StatusName(row.Statuses[index]))]));
    }

    private static IEnumerable<string> Keys(GetFeatureBatchResponse answer, FeatureVector row) =>
        answer.Views.Select((view, index) => (view.Entity, Key: row.EntityKeys[index])).DistinctBy(key => key.Entity).Select(key => key.Key);
}
