using System.CommandLine;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;
using Google.Protobuf;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>lineage</c>: what a prediction, a value or a column rests on, and what rests on an event or a column.</summary>
internal static class LineageVerb
{
    private static readonly Option<string> Prediction = new("--prediction") { Description = "A prediction's id: the events, definitions and model bytes that it rests on.", HelpName = "ID" };
    private static readonly Option<string> EventId = new("--event") { Description = "An event's id: the views and entities that count it, and the predictions that rest on it.", HelpName = "ID" };
    private static readonly Option<string> View = new("--view") { Description = "A view, for example card_activity@v1. With --entity: its values, and the events that made them; without: its columns.", HelpName = "NAME" };
    private static readonly Option<string[]> Entity = new("--entity") { Description = "The entity's key, for example card=4929; of a composite key every part, as in shop=1 and product=2.", HelpName = "NAME=KEY" };
    private static readonly Option<string> Field = new("--field") { Description = "A contract's field, for example payments.authorisation/1#amount.", HelpName = "CONTRACT#FIELD" };
    private static readonly Option<string> Feature = new("--feature") { Description = "A feature, view__feature or view__feature@v2; beside --view or --service one of theirs.", HelpName = "NAME" };
    private static readonly Option<string> Service = new("--service") { Description = "A feature service, for example fraud@v1.", HelpName = "NAME" };
    private static readonly Option<string> Model = new("--model") { Description = "A model.", HelpName = "NAME" };
    private static readonly Option<string> AsOf = new("--as-of") { Description = "With --entity: the instant that the values describe. Default: now.", HelpName = "TIME" };
    private static readonly Option<ulong?> KnownAt = new("--known-at") { Description = "With --entity: the last position that may be used. Default: the log's last event.", HelpName = "P" };
    private static readonly Option<int> Limit = new("--limit") { Description = "With --entity or --prediction: how many events to name for each feature, the newest, at most 10,000; all are counted. Default: 100 with --entity, 1,000 with --prediction.", HelpName = "N" };
    private static readonly Option<bool> OpenLineage = new("--openlineage") { Description = "Print OpenLineage events instead, one a line: of a prediction, or of columns; without any of them, of all that is registered." };
    private static readonly Option<string> Namespace = new("--namespace") { Description = "With --openlineage: the namespace of jobs and data sets. Default: eventfeatures.", HelpName = "NAME" };

    public static Command Create() => new Command("lineage",
        """
        Show what something rests on, and what rests on it: a prediction (--prediction), an event (--event), one entity's
        values (--view with --entity), or a column, view, service or model (--field, --feature, --view, --service, --model).

        Of columns, each line says in which way one is used for another: its values are aggregated (of), they decide which
        events count (where, since, event time), for whom (key), in which group (group_by), or an expression reads them.
        """)
        { Prediction, EventId, View, Entity, Field, Feature, Service, Model, AsOf, KnownAt, Limit, OpenLineage, Namespace }.Does(RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellation)
    {
        var question = QuestionOf(invocation);
        await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
        await question(api, cancellation).ConfigureAwait(false);
    }

    /// <summary>What is asked, so that a question that cannot be asked is told before a server is looked for.</summary>
    private static Func<ApiSession, CancellationToken, Task> QuestionOf(Invocation invocation)
    {
        var entities = KeyValueOption.Parse("--entity", invocation.Get(Entity)).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        var named = new Option[] { Prediction, EventId, View, Field, Service, Model }.Where(option => invocation.Get((Option<string>)option) is not null).ToList();
        if (invocation.Get(Feature) is not null && !named.Contains(View) && !named.Contains(Service)) named.Add(Feature);
        if (named.Count > 1) throw new UsageException($"{string.Join(" and ", named.Select(option => option.Name))} are different questions; ask one.");
        if (entities.Count > 0 && !named.Contains(View)) throw new UsageException("--entity asks for the values of a view; name it with --view NAME.");
        foreach (var option in new Option[] { AsOf, KnownAt })
            if (entities.Count == 0 && invocation.IsGiven(option)) throw new UsageException($"{option.Name} is about the values of an entity; name it with --view NAME --entity NAME=KEY.");
        if (entities.Count == 0 && invocation.IsGiven(Limit) && (!named.Contains(Prediction) || invocation.Get(OpenLineage)))
            throw new UsageException("--limit says how many events to name for a feature; name what is asked about with --prediction ID, or with --view NAME --entity NAME=KEY.");
        if (invocation.Get(OpenLineage))
        {
            if (named.Contains(EventId) || entities.Count > 0) throw new UsageException("OpenLineage knows no single events and values. Ask for a prediction, a field, feature, view, service or model, or for all with --openlineage alone.");
            return (api, cancellation) => ExportAsync(api, invocation, cancellation);
        }
        if (invocation.Get(Namespace) is not null) throw new UsageException("--namespace names what --openlineage prints; give both.");
        return named switch
        {
            [] => throw new UsageException("Name one: --prediction ID, --event ID, --view NAME --entity NAME=KEY, --field CONTRACT#FIELD, --feature VIEW__FEATURE, --service NAME or --model NAME; or print all with --openlineage."),
            [var one] when one == Prediction => (api, cancellation) => PredictionAsync(api, invocation, cancellation),
            [var one] when one == EventId => (api, cancellation) => EventAsync(api, invocation, cancellation),
            [var one] when one == View && entities.Count > 0 => (api, cancellation) => ValuesAsync(api, invocation, entities, cancellation),
            _ => (api, cancellation) => ColumnsAsync(api, invocation, cancellation),
        };
    }

    private static async Task PredictionAsync(ApiSession api, Invocation invocation, CancellationToken cancellation)
    {
        var answer = await api.Audit.LineageAsync(new LineageRequest { PredictionId = invocation.Get(Prediction), Limit = invocation.Get(Limit) }, cancellationToken: cancellation).ConfigureAwait(false);
        invocation.Print(answer, (writer, lineage) => LineageText.Print(writer, lineage, invocation));
    }

    private static async Task EventAsync(ApiSession api, Invocation invocation, CancellationToken cancellation)
    {
        var touched = await api.Audit.EventLineageAsync(new EventLineageRequest { EventId = invocation.Get(EventId) }, cancellationToken: cancellation).ConfigureAwait(false);
        invocation.Print(touched, (writer, lineage) => LineageText.Print(writer, lineage, invocation));
    }

    private static async Task ValuesAsync(ApiSession api, Invocation invocation, Dictionary<string, string> entities, CancellationToken cancellation)
    {
        var request = new ValueLineageRequest
        {
            View = invocation.Get(View), Entities = { entities }, Feature = invocation.Get(Feature) ?? "", AsOf = invocation.Get(AsOf) ?? "", Limit = invocation.Get(Limit),
        };
        if (invocation.Get(KnownAt) is { } position) request.KnownAt = position;
        var values = await api.Audit.ValueLineageAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
        invocation.Print(values, (writer, lineage) => LineageText.Print(writer, lineage, invocation));
    }

    private static async Task ColumnsAsync(ApiSession api, Invocation invocation, CancellationToken cancellation)
    {
        var request = new ColumnLineageRequest
        {
            Field = invocation.Get(Field) ?? "", Feature = FeatureOf(invocation), View = ViewOf(invocation), Service = invocation.Get(Service) ?? "", Model = invocation.Get(Model) ?? "",
        };
        var columns = await api.Audit.ColumnLineageAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
        invocation.Print(columns, LineageText.Print);
    }

    private static async Task ExportAsync(ApiSession api, Invocation invocation, CancellationToken cancellation)
    {
        var request = new OpenLineageRequest
        {
            Field = invocation.Get(Field) ?? "", Feature = FeatureOf(invocation), View = ViewOf(invocation), Service = invocation.Get(Service) ?? "", Model = invocation.Get(Model) ?? "",
            PredictionId = invocation.Get(Prediction) ?? "", Namespace = invocation.Get(Namespace) ?? "",
        };
        var answer = await api.Audit.OpenLineageAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
        foreach (var one in answer.Events) await invocation.Out.WriteLineAsync(JsonFormatter.Default.Format(one)).ConfigureAwait(false);
    }

    /// <summary>The feature's full name, also where it was given beside its view.</summary>
    private static string FeatureOf(Invocation invocation)
    {
        if (invocation.Get(Feature) is not { } feature) return "";
        if (invocation.Get(View) is not { } view) return feature;
        var at = view.IndexOf('@', StringComparison.Ordinal) is >= 0 and var found ? found : view.Length;
        return feature.StartsWith(view[..at] + "__", StringComparison.Ordinal) ? feature + view[at..] : $"{view[..at]}__{feature}{view[at..]}";
    }

    private static string ViewOf(Invocation invocation) => invocation.Get(Feature) is null ? invocation.Get(View) ?? "" : "";
}
