using EventFeatures.Application.Events;
using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Log.EmbeddedNode.Access;
using EventFeatures.Server;

namespace EventFeatures.Cli.Connection;

/// <summary>A server that this process runs on a home folder, which it holds for as long.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly HomeLock _lock;

    private LocalServer(HomeLock homeLock, EventFeaturesHost host, string home)
    {
        _lock = homeLock;
        Host = host;
        Home = home;
    }

    public EventFeaturesHost Host { get; }

    public string Home { get; }

    /// <param name="home">The home folder.</param>
    /// <param name="apiPort">The API's port; 0 for a free one.</param>
    /// <param name="logPort">The log's.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <param name="logAccess">Who may call the log.</param>
    /// <param name="quotas">How much producers may append.</param>
    /// <param name="isChecked">Whether what is served is compared in the background; not worth it for a command alone.</param>
    /// <param name="servesOnly">Whether it projects nothing and answers from what others committed.</param>
    public static async Task<LocalServer> StartAsync(
        string home, int apiPort, int logPort, CancellationToken cancellation, NodeAccess? logAccess = null, ProducerQuotas? quotas = null, bool isChecked = false, bool servesOnly = false)
    {
        var homeLock = HomeLock.TryTake(home) ?? throw new UsageException(
            $"A server already runs on {home}{(RunningServer.Read(home) is { } running ? $" (process {running.ProcessId}, {running.Api})" : "")}. Use it, stop it, or name another folder with --home.");
        try
        {
            var host = await EventFeaturesHost.StartAsync(
                OptionsFor(home) with
                {
                    ApiPort = apiPort, LogPort = logPort, LogAccess = logAccess ?? NodeAccess.ThisMachine, ProducerQuotas = quotas ?? ProducerQuotas.None,
                    Consistency = new ConsistencyWatchOptions { IsOn = isChecked }, ServesOnly = servesOnly,
                }, cancellation).ConfigureAwait(false);
            return await ToldAsync(new LocalServer(homeLock, host, home)).ConfigureAwait(false);
        }
        catch
        {
            homeLock.Dispose();
            throw;
        }
    }

    /// <summary>Writes where it listens; a server that cannot be found may not stay.</summary>
    private static async Task<LocalServer> ToldAsync(LocalServer server)
    {
        try
        {
            new RunningServer(Environment.ProcessId, server.Host.ApiAddress, server.Host.LogConnectionString).Write(server.Home);
            return server;
        }
        catch
        {
            await server.Host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        RunningServer.Remove(Home);
        await Host.DisposeAsync().ConfigureAwait(false);
        _lock.Dispose();
    }

    /// <summary>A home folder with the database and the log that the environment names, if any.</summary>
    public static HostOptions OptionsFor(string home) => new()
    {
        Home = home,
        Postgres = NotEmpty("EVENTFEATURES_POSTGRES"),
        Log = NotEmpty("EVENTFEATURES_LOG"),
    };

    private static string? NotEmpty(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
