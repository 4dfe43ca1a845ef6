using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>Serves <see cref="StreamsService"/> as it was generated, but reads the messages of batches by a marshaller of our own.</summary>
internal sealed class StreamsBinding(StreamsService service) : IServiceMethodProvider<StreamsBinding>
{
    private static readonly Method<BatchMessage, BatchAppendResp> BatchAppend = new(
        MethodType.DuplexStreaming, Streams.Descriptor.FullName, nameof(Streams.StreamsBase.BatchAppend), BatchMessage.Marshaller,
        Marshallers.Create<BatchAppendResp>(Write, _ => throw new NotSupportedException("The node reads no answers.")));

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<StreamsBinding> context) =>
        Streams.BindService(new Binder(service, context), service);

    private static void Write(BatchAppendResp answer, SerializationContext context)
    {
        context.SetPayloadLength(answer.CalculateSize());
        answer.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private sealed class Binder(StreamsService service, ServiceMethodProviderContext<StreamsBinding> context) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            context.AddUnaryMethod(method, [], (_, request, call) => handler!(request, call));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddClientStreamingMethod(method, [], (_, requests, call) => handler!(requests, call));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddServerStreamingMethod(method, [], (_, request, responses, call) => handler!(request, responses, call));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
        {
            if (method.Name == BatchAppend.Name) context.AddDuplexStreamingMethod(BatchAppend, [], (_, requests, responses, call) => service.BatchAppend(requests, responses, call));
            else context.AddDuplexStreamingMethod(method, [], (_, requests, responses, call) => handler!(requests, responses, call));
        }
    }
}
