using EventFeatures.Api.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>
/// A read whose answer lies ready as bytes, over the server of <see cref="GrpcEcho"/>: the server reads nothing and makes
/// nothing, and the client decodes the answer as any client does. No server can answer the same request sooner, so what
/// it stands behind the echo is what gRPC and protobuf themselves cost.
/// </summary>
internal sealed class ReadyMadeAnswer : ReadyMadeService
{
    private static readonly Method<GetFeaturesRequest, GetFeaturesResponse> Asked = new(
        MethodType.Unary, Served.ServiceName, Served.Name,
        Marshallers.Create(static request => request.ToByteArray(), GetFeaturesRequest.Parser.ParseFrom),
        Marshallers.Create(
            static (answer, context) => context.Complete(answer.ToByteArray()),
            static context => GetFeaturesResponse.Parser.ParseFrom(context.PayloadAsReadOnlySequence())));

    private byte[] _answer = [];

    public override Task<byte[]> Get(byte[] request, ServerCallContext context) => Task.FromResult(_answer);

    /// <summary>Calls a second that are answered so, after a warm-up.</summary>
    public Task<Load.Result> MeasureAsync(GrpcChannel channel, int callers, GetFeaturesRequest request, GetFeaturesResponse answer, TimeSpan duration)
    {
        _answer = answer.ToByteArray();
        var invoker = channel.CreateCallInvoker();
        return Load.RunAsync(callers, duration, async (_, _) =>
        {
            using var call = invoker.AsyncUnaryCall(Asked, null, default, request);
            await call.ResponseAsync.ConfigureAwait(false);
        });
    }
}
