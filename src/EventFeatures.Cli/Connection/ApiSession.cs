using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace EventFeatures.Cli.Connection;

/// <summary>
/// The API as a verb uses it: that of a server named by <c>--server</c>, of the one that runs on the home folder or,
/// where none runs but there is data, of one that is started for this command alone.
/// </summary>
internal sealed class ApiSession : IAsyncDisposable
{
    private const int MessageBytesMax = 256 * 1024 * 1024;

    private readonly GrpcChannel _channel;
    private readonly LocalServer? _own;

    private ApiSession(string address, LocalServer? own, TextWriter? say = null, CallLimits? limits = null)
    {
        limits ??= CallLimits.Default;
        _own = own;
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = MessageBytesMax,
            MaxSendMessageSize = MessageBytesMax,
            HttpHandler = limits.CreateHandler(),
            DisposeHttpClient = true,
        });
        var calls = _channel.Intercept(new BoundedCalls(TimeProvider.System, limits.Answer)).Intercept(new PatientCalls(TimeProvider.System, say));
        Events = new Events.EventsClient(calls);
        Features = new Features.FeaturesClient(calls);
        Inference = new Api.V1.Inference.InferenceClient(calls);
        Registry = new Registry.RegistryClient(calls);
        Audit = new Audit.AuditClient(calls);
        Maintenance = new Maintenance.MaintenanceClient(calls);
        Quarantine = new Quarantine.QuarantineClient(calls);
    }

    public Events.EventsClient Events { get; }

    public Features.FeaturesClient Features { get; }

    public Api.V1.Inference.InferenceClient Inference { get; }

    public Registry.RegistryClient Registry { get; }

    public Audit.AuditClient Audit { get; }

    public Maintenance.MaintenanceClient Maintenance { get; }

    public Quarantine.QuarantineClient Quarantine { get; }

    /// <summary>Connects to the API at an address that is known.</summary>
    /// <param name="address">Where it is, such as that of a server in this process.</param>
    /// <param name="limits">How long a silent server is waited for; null for the usual.</param>
    public static ApiSession To(string address, CallLimits? limits = null) => new(address, null, limits: limits);

    public static async Task<ApiSession> OpenAsync(Invocation invocation, CancellationToken cancellation)
    {
        if (invocation.Server is { } named)
        {
            if (!Uri.TryCreate(named, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                throw new UsageException($"'{named}' is not a server's address. Write it as http://127.0.0.1:8080.");
            return new ApiSession(named, null, invocation.Error);
        }
        if (!Directory.Exists(Path.Combine(invocation.Home, "models")) && !Directory.Exists(Path.Combine(invocation.Home, "postgres")))
            throw new UsageException($"There is no data in {invocation.Home}. Start a server with '{Invocation.CommandName} up', or name its folder with --home.");
        using (var free = HomeLock.TryTake(invocation.Home))
        {
            if (free is null)
                return RunningServer.Read(invocation.Home) is { } running
                    ? new ApiSession(running.Api, null, invocation.Error)
                    : throw new UsageException($"A server is just starting or stopping on {invocation.Home}. Try again in a moment.");
        }
        await invocation.Error.WriteLineAsync($"No server runs on {invocation.Home}; starting one for this command.").ConfigureAwait(false);
        var own = await LocalServer.StartAsync(invocation.Home, 0, 0, cancellation).ConfigureAwait(false);
        return new ApiSession(own.Host.ApiAddress, own, invocation.Error);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        if (_own is not null) await _own.DisposeAsync().ConfigureAwait(false);
    }
}
