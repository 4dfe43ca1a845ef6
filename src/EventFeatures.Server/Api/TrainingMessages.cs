using EventFeatures.Api.V1;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.Events;
using EventFeatures.Server.Errors;
using Google.Protobuf.Collections;
using Knowledge = EventFeatures.Core.TrainingSets.Knowledge;
using KnowledgeMessage = EventFeatures.Api.V1.Knowledge;
using SpineRow = EventFeatures.Core.TrainingSets.SpineRow;
using SpineRowMessage = EventFeatures.Api.V1.SpineRow;

namespace EventFeatures.Server.Api;

internal static class TrainingMessages
{
    public static BuildTrainingSet ToCommand(BuildTrainingSetRequest request, string path) => new(request.Service, path)
    {
        Spine = Rows(request.Spine),
        FromPredictionsOf = Fields.TextOrNone(request.FromPredictionsOf),
        Knowledge = KnowledgeOf(request.Knowledge),
        KnownAt = request.HasKnownAt ? new Position(request.KnownAt) : null,
    };

    public static BuildTrainingSet ToCommand(TrainModelRequest request, string service, string path) => new(service, path)
    {
        Spine = Rows(request.Spine),
        FromPredictionsOf = Fields.TextOrNone(request.FromPredictionsOf),
        Knowledge = KnowledgeOf(request.Knowledge),
        KnownAt = request.HasKnownAt ? new Position(request.KnownAt) : null,
    };

    public static TrainingSet Of(TrainingSetBuilt built) => new()
    {
        Digest = built.ManifestDigest,
        Path = built.Path,
        FileDigest = built.FileDigest,
        Rows = built.Rows,
        Labelled = built.Labelled,
        Position = built.KnownAt.Value,
        Hindsight = built.Hindsight,
        RowsChecked = built.Leaks.RowsChecked,
        Leaks = built.Leaks.Leaks,
        Mismatches = built.Leaks.Mismatches,
        FirstFinding = built.Leaks.First,
        Unreadable = built.Unreadable.Count,
        UnreadablePosition = built.Unreadable.First?.Value ?? 0,
        StatedRows = built.Leaks.Stated,
        StatedLaterRows = built.Leaks.StatedLater,
        ManifestJson = File.ReadAllText(built.ManifestPath),
    };

    private static List<SpineRow> Rows(RepeatedField<SpineRowMessage> messages)
    {
        var rows = new List<SpineRow>(messages.Count);
        for (var i = 0; i < messages.Count; i++) rows.Add(Row(messages[i], $"spine[{i}]"));
        return rows;
    }

    /// <summary>A row as the caller sent it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">What messages call it.</param>
    public static SpineRow Row(SpineRowMessage message, string field) =>
        new(new Dictionary<string, string>(message.Entities, StringComparer.Ordinal), Fields.Time(message.Time, $"{field}.time"))
        {
            KnownAt = message.HasKnownAt ? new Position(message.KnownAt) : null,
            Context = message.Context.ToValues($"{field}.context"),
            Extra = message.Extra.ToValues($"{field}.extra"),
            Label = message.HasLabel ? message.Label : null,
            Number = message.Number,
        };

    private static Knowledge KnowledgeOf(KnowledgeMessage knowledge) => knowledge switch
    {
        KnowledgeMessage.Recorded => Knowledge.Recorded,
        KnowledgeMessage.Latest => Knowledge.Latest,
        _ => throw new InvalidRequestException("knowledge", $"knowledge: {(int)knowledge} is neither RECORDED nor LATEST."),
    };
}
