using EventFeatures.Application.Predictions;
using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Log.Client;
using EventFeatures.Views.FeatureViews;
using Npgsql;

namespace EventFeatures.Server.Hosting;

/// <summary>
/// Configures the parts of the system, as a sentence: read from a log, serve from views, score with models. Nothing is
/// connected until the host starts.
/// </summary>
public sealed class EventFeaturesBuilder
{
    internal string? Log { get; private set; }

    /// <summary>What <see cref="Log"/> says, once <see cref="Validate"/> has found that it can be used.</summary>
    internal LogConnection? LogConnection { get; private set; }

    internal string? Postgres { get; private set; }

    internal ViewsOptions Views { get; private set; } = new();

    internal TimeSpan LagMax { get; private set; } = TimeSpan.FromSeconds(5);

    internal string? ModelFolder { get; private set; }

    internal string? TrainingSetFolder { get; private set; }

    internal PredictionOptions Predictions { get; private set; } = new();

    internal ConsistencyWatchOptions Consistency { get; private set; } = new();

    /// <summary>Where every event is.</summary>
    public EventFeaturesBuilder ReadFrom(Action<LogChoice> choose)
    {
        choose(new LogChoice(this));
        return this;
    }

    /// <summary>Where features are kept for serving, training and audit.</summary>
    public EventFeaturesBuilder ServeFrom(Action<ViewsChoice> choose)
    {
        choose(new ViewsChoice(this));
        return this;
    }

    /// <summary>What scores.</summary>
    public EventFeaturesBuilder ScoreWith(Action<ModelsChoice> choose)
    {
        choose(new ModelsChoice(this));
        return this;
    }

    /// <summary>Where training sets are written. Default: <c>training-sets</c> beside the folder of the models.</summary>
    public EventFeaturesBuilder WriteTrainingSetsTo(string folder)
    {
        TrainingSetFolder = folder;
        return this;
    }

    /// <summary>How what is served is compared with the batch views in the background. Default: all of it, in a twentieth of the time.</summary>
    public EventFeaturesBuilder Compare(ConsistencyWatchOptions options)
    {
        Consistency = options;
        return this;
    }

    /// <exception cref="ConfigurationInvalidException">Values are missing or cannot be used; lists all of them.</exception>
    internal void Validate()
    {
        List<string> wrong = [];
        if (string.IsNullOrWhiteSpace(Log)) wrong.Add("no log is named; add ReadFrom(log => log.EventStoreDb(\"esdb://…\"))");
        else if (LogIssue(Log) is { } log) wrong.Add(log);
        if (string.IsNullOrWhiteSpace(Postgres)) wrong.Add("no database is named; add ServeFrom(views => views.Marten(\"Host=…\"))");
        else if (PostgresIssue(Postgres) is { } postgres) wrong.Add(postgres);
        if (string.IsNullOrWhiteSpace(ModelFolder)) wrong.Add("no model store is named; add ScoreWith(models => models.Onnx(\"models\"))");
        ServingSettings.Check(LagMax, Predictions.LatencyMax, wrong);
        try
        {
            Views.Validate();
        }
        catch (ArgumentException invalid)
        {
            wrong.Add(invalid.Message.TrimEnd('.'));
        }
        if (wrong.Count > 0) throw new ConfigurationInvalidException(wrong);
    }

    private string? LogIssue(string connectionString)
    {
        try
        {
            // With the files that it names, which are read this once.
            LogConnection = LogConnection.Read(connectionString);
            return null;
        }
        catch (FormatException unreadable)
        {
            return $"the log's connection string cannot be read: {unreadable.Message.TrimEnd('.')}";
        }
    }

    private static string? PostgresIssue(string postgres)
    {
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(postgres);
            return string.IsNullOrEmpty(parsed.Host) ? "the PostgreSQL connection string names no Host" : null;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException)
        {
            return $"the PostgreSQL connection string cannot be read: {unreadable.Message.TrimEnd('.')}";
        }
    }

    /// <summary>The kinds of logs.</summary>
    public sealed class LogChoice(EventFeaturesBuilder builder)
    {
        /// <summary>A server of the EventStoreDB protocol: a cluster, a node or the embedded node.</summary>
        public void EventStoreDb(string connectionString) => builder.Log = connectionString;
    }

    /// <summary>The kinds of views.</summary>
    public sealed class ViewsChoice(EventFeaturesBuilder builder)
    {
        /// <summary>Marten projections over PostgreSQL.</summary>
        /// <param name="postgres">The database.</param>
        /// <param name="lagMax">How long a view may trail the log before the server calls itself unready. Default: 5 s.</param>
        /// <param name="options">The projections' bounds; the defaults if left out.</param>
        public void Marten(string postgres, TimeSpan? lagMax = null, ViewsOptions? options = null)
        {
            builder.Postgres = postgres;
            builder.LagMax = lagMax ?? builder.LagMax;
            builder.Views = options ?? builder.Views;
        }
    }

    /// <summary>The kinds of models.</summary>
    public sealed class ModelsChoice(EventFeaturesBuilder builder)
    {
        /// <summary>ONNX Runtime, over files named by their digest.</summary>
        /// <param name="folder">Where the models' bytes are kept.</param>
        /// <param name="latencyMax">How long reading features and scoring may take before the fallback answers. Default: 500 ms.</param>
        public void Onnx(string folder, TimeSpan? latencyMax = null)
        {
            builder.ModelFolder = folder;
            if (latencyMax is { } latency) builder.Predictions = builder.Predictions with { LatencyMax = latency };
        }
    }
}
