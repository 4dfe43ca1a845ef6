using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Core.Events;
using EventFeatures.Server;
using EventFeatures.Testing.Databases;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Clients = EventFeatures.Api.V1;

namespace EventFeatures.Testing.Systems;

/// <summary>
/// The whole system in this process, on an empty database and an empty home folder of its own, both gone after the
/// test. Its clients speak to it as any other process would.
/// </summary>
public sealed class RunningSystem : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly HostOptions _options;
    private GrpcChannel? _channel;

    private RunningSystem(TestDatabase database, HostOptions options) => (_database, _options) = (database, options);

    public EventFeaturesHost Host { get; private set; } = null!;

    /// <summary>What the system keeps its log and its views in.</summary>
    public TestDatabase Database => _database;

    /// <summary>For HTTP/1.1; its base address is the API's.</summary>
    public HttpClient Http { get; private set; } = null!;

    public Clients.Events.EventsClient Events { get; private set; } = null!;

    public Clients.Features.FeaturesClient Features { get; private set; } = null!;

    public Clients.Inference.InferenceClient Inference { get; private set; } = null!;

    public Clients.Registry.RegistryClient Registry { get; private set; } = null!;

    public Clients.Audit.AuditClient Audit { get; private set; } = null!;

    public Clients.Quarantine.QuarantineClient Quarantine { get; private set; } = null!;

    public Clients.Maintenance.MaintenanceClient Maintenance { get; private set; } = null!;

    /// <summary>For any other gRPC client.</summary>
    public GrpcChannel Channel => _channel!;

    /// <summary>The log, as the server's parts see it.</summary>
    public IEventLog Log => Host.Services.GetRequiredService<IEventLog>();

    public static async Task<RunningSystem> StartAsync(Func<HostOptions, HostOptions>? configure = null)
    {
        var database = await TestDatabase.CreateAsync();
        var home = Path.Combine(Path.GetTempPath(), "eventfeatures-test-" + Guid.NewGuid().ToString("n"));
        // Patient, since what a test asks for comes however busy the machine is.
        var options = new HostOptions
        {
            Home = home, Postgres = database.ConnectionString, Consistency = new ConsistencyWatchOptions { IsOn = false }, ReadDeadline = TimeSpan.FromSeconds(30),
            PredictionLatencyMax = TimeSpan.FromMinutes(1),
        };
        var system = new RunningSystem(database, configure?.Invoke(options) ?? options);
        try
        {
            await system.StartHostAsync();
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the system and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await StopHostAsync();
        await StartHostAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopHostAsync();
        await _database.DisposeAsync();
        if (Directory.Exists(_options.Home)) Directory.Delete(_options.Home, recursive: true);
    }

    private async Task StartHostAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Host = await EventFeaturesHost.StartAsync(_options, deadline.Token);
        Http = new HttpClient { BaseAddress = new Uri(Host.ApiAddress), Timeout = TimeSpan.FromSeconds(60) };
        _channel = GrpcChannel.ForAddress(Host.ApiAddress);
        Events = new Clients.Events.EventsClient(_channel);
        Features = new Clients.Features.FeaturesClient(_channel);
        Inference = new Clients.Inference.InferenceClient(_channel);
        Registry = new Clients.Registry.RegistryClient(_channel);
        Audit = new Clients.Audit.AuditClient(_channel);
        Quarantine = new Clients.Quarantine.QuarantineClient(_channel);
        Maintenance = new Clients.Maintenance.MaintenanceClient(_channel);
    }

    private async Task StopHostAsync()
    {
        if (_channel is null) return;
        _channel.Dispose();
        Http.Dispose();
        _channel = null;
        await Host.DisposeAsync();
    }
}
