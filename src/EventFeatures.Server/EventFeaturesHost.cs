using System.Net;
using System.Net.Sockets;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Log.Http2;
using EventFeatures.Server.Api;
using EventFeatures.Server.Hosting;
using EventFeatures.Server.Telemetry;
using EventFeatures.Views.FeatureViews;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Server;

/// <summary>
/// The whole system in this process: PostgreSQL, the log, the registry, the projections, the scorer and the API. It
/// starts them in this order and stops them in the reverse one; what is acknowledged survives either way.
/// </summary>
public sealed class EventFeaturesHost : IAsyncDisposable
{
    // Only for connections to close, which is left to the clients for a moment; the calls have answered by then.
    private static readonly TimeSpan ConnectionsCloseMax = ClientsClose.WaitMax + TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;
    private readonly OwnedParts _parts;
    private readonly ILogger _logger;
    private readonly TimeSpan _stopMax;
    private int _disposed;

    private EventFeaturesHost(WebApplication app, OwnedParts parts, string home, string log, TimeSpan stopMax)
    {
        (_app, _parts, HomeFolder, LogConnectionString, _stopMax) = (app, parts, home, log, stopMax);
        _logger = app.Services.GetRequiredService<ILogger<EventFeaturesHost>>();
        ApiAddress = AddressOf(app);
        _logger.HostStarted(ApiAddress, log, home);
    }

    /// <summary>Where the API listens, for gRPC and HTTP alike: <c>http://127.0.0.1:PORT</c>.</summary>
    public string ApiAddress { get; }

    /// <summary>What any EventStoreDB client connects to the log with.</summary>
    public string LogConnectionString { get; }

    /// <summary>The data folder.</summary>
    public string HomeFolder { get; }

    /// <summary>The parts, by their ports; for what runs in the same process.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts everything; the API serves when this returns.</summary>
    /// <exception cref="ConfigurationInvalidException">Options cannot be used; lists all of them.</exception>
    /// <exception cref="HostStartException">A part cannot be started; the message says which, why, and what to do.</exception>
    /// <exception cref="PostgresCluster.PrivateClusterException">The private database cannot be made or started.</exception>
    public static async Task<EventFeaturesHost> StartAsync(HostOptions options, CancellationToken cancellation = default)
    {
        options.Validate();
        var home = OwnedParts.MakeHome(options.Home);
        var parts = new OwnedParts();
        WebApplication? app = null;
        try
        {
            var loggers = parts.OpenLog(options, home);
            var postgres = await parts.OpenDatabaseAsync(options, home, cancellation);
            var (log, shown) = options.Log is { } named ? (named, HomeSources.WithoutUser(named)) : await parts.StartNodeAsync(options, postgres, loggers, cancellation);
            HomeSources.Remember(options, home);
            app = Build(options, home, postgres, log, parts.Node, loggers);
            await StartAsync(app, options, shown, cancellation);
            return new EventFeaturesHost(app, parts, home, shown, options.StopMax);
        }
        catch
        {
            if (app is not null) await app.DisposeAsync();
            await parts.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        // First, for the framework's own streams such as health watches, which end by it.
        _app.Lifetime.StopApplication();
        await _app.Services.GetRequiredService<CallsInWork>().EndAsync(_stopMax);
        await _app.StopAsync();
        _logger.HostStopped();
        await _app.DisposeAsync();
        await _parts.DisposeAsync();
    }

    private static WebApplication Build(HostOptions options, string home, string postgres, string log, ILogScavenger? scavenger, ILoggerFactory loggers)
    {
        // Empty, so that no file or variable of the surroundings changes what the options say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "EventFeatures", ContentRootPath = home });
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRouting();
        builder.Services.AddSingleton(options.Time);
        builder.Services.AddSingleton(loggers);
        if (scavenger is not null) builder.Services.AddSingleton(scavenger);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = ConnectionsCloseMax);
        builder.Services.AddEventFeatures(features => features
            .ReadFrom(source => source.EventStoreDb(log))
            .ServeFrom(views => views.Marten(postgres, options.LagMax, new ViewsOptions
            {
                WorkerName = OwnedParts.WorkerNameOf(home), ServesOnly = options.ServesOnly, ReadDeadline = options.ReadDeadline,
            }))
            .ScoreWith(models => models.Onnx(Path.Combine(home, "models"), options.PredictionLatencyMax))
            .Compare(options.Consistency with { IsOn = options.Consistency.IsOn && !options.ServesOnly }));
        builder.AddApi(new IPEndPoint(IPAddress.Parse(options.ApiBind), options.ApiPort), options.Load, options.ProducerQuotas, options.Time);
        var app = builder.Build();
        app.MapApi();
        return app;
    }

    private static async Task StartAsync(WebApplication app, HostOptions options, string log, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception down) when (down is RegistryStoppedException or LogUnavailableException or ViewUnavailableException)
        {
            throw new HostStartException($"What the log at {log} holds cannot be served: {down.Message}", down);
        }
        // Kestrel wraps a port in use alone; one that is not for this account, and another machine's address, come bare.
        catch (Exception refused) when (refused is SocketException or IOException { InnerException: AddressInUseException or SocketException })
        {
            throw new HostStartException(
                $"The API cannot listen on {options.ApiBind}:{options.ApiPort}: {refused.GetBaseException().Message}. Choose another port with --port (HostOptions.ApiPort), or 0 for a free one, or an address that this machine has (HostOptions.ApiBind).", refused);
        }
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .First(address => address.StartsWith("http://", StringComparison.Ordinal) && !address.Contains("http2-on", StringComparison.Ordinal));
}
