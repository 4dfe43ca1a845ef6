using System.Globalization;
using EventFeatures.Core.Events;
using EventFeatures.Server.Errors;
using Grpc.Core;
using Grpc.Net.Client;

namespace EventFeatures.Specs.Running;

/// <summary>
/// One scenario's dealings with the system. What a feature file calls card 4929 or decision "p-1" is given a name that
/// no other scenario uses, so that scenarios can neither disturb nor help each other.
/// </summary>
public sealed class Office
{
    private readonly string _scenario = Guid.NewGuid().ToString("N")[..12];

    public GrpcChannel Channel { get; } = SharedSystem.Running.Channel;

    public IEventLog Log { get; } = SharedSystem.Running.Log;

    /// <summary>A position that covers all that this scenario appended so far.</summary>
    public ulong Position { get; private set; }

    /// <summary>The code of the last refusal; <see langword="null"/> when the last request was not refused.</summary>
    public string? Refusal { get; private set; }

    public string Model => $"fraud_{_scenario}";

    public string Card(int number) => $"{number.ToString(CultureInfo.InvariantCulture)}x{_scenario}";

    public string CardStream(int number) => $"card-{Card(number)}";

    public string Decision(string name) => $"{name}-{_scenario}";

    public string Outcome(string name) => $"{name}-{_scenario}";

    public Guid EventId(string name) => EventIds.Derive("spec", _scenario, name);

    public void Saw(ulong position) => Position = Math.Max(Position, position);

    /// <summary>Sends a request that may be refused; a refusal is kept for the next <c>Then</c>.</summary>
    public async Task<TResponse?> AskAsync<TResponse>(AsyncUnaryCall<TResponse> call) where TResponse : class
    {
        Refusal = null;
        try
        {
            return await call;
        }
        catch (RpcException refused) when (refused.StatusCode is not (StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown))
        {
            Refusal = ApiError.From(refused).Code;
            return null;
        }
    }

    /// <summary>The same for an answer in several messages.</summary>
    public async Task<IReadOnlyList<TResponse>> AskAsync<TResponse>(AsyncServerStreamingCall<TResponse> call) where TResponse : class
    {
        Refusal = null;
        List<TResponse> answers = [];
        try
        {
            await foreach (var answer in call.ResponseStream.ReadAllAsync()) answers.Add(answer);
        }
        catch (RpcException refused) when (refused.StatusCode is not (StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown))
        {
            Refusal = ApiError.From(refused).Code;
        }
        return answers;
    }

    public async Task<List<string>> EventTypesAsync(string stream)
    {
        List<string> types = [];
        await foreach (var recorded in Log.ReadStreamAsync(stream)) types.Add(recorded.Type);
        return types;
    }
}
