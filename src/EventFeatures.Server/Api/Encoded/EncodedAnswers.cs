using EventFeatures.Api.V1;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace EventFeatures.Server.Api.Encoded;

/// <summary>
/// The methods of the features' service as they are served over gRPC: an answer that was encoded as it was made is sent as
/// those bytes, any other as its generated code writes it.
/// </summary>
internal static class EncodedAnswers
{
    /// <summary>Found by name, by what serves the same methods over HTTP.</summary>
    public static ServiceDescriptor Descriptor => Features.Descriptor;

    /// <summary>As the generated method of this name.</summary>
    public static void BindService(ServiceBinderBase serviceBinder, Features.FeaturesBase serviceImpl) => Features.BindService(new Binder(serviceBinder), serviceImpl);

    private static Marshaller<T> For<T>(Marshaller<T> generated) => generated switch
    {
        Marshaller<GetFeaturesResponse> one => (Marshaller<T>)(object)Sending(one, answer => answer.Encoded),
        Marshaller<GetFeatureBatchResponse> batch => (Marshaller<T>)(object)Sending(batch, answer => answer.Encoded),
        _ => generated,
    };

    private static Marshaller<T> Sending<T>(Marshaller<T> generated, Func<T, EncodedAnswer?> encodedOf) => Marshallers.Create<T>((answer, context) =>
    {
        if (encodedOf(answer) is { } encoded) encoded.Send(context);
        else generated.ContextualSerializer(answer, context);
    }, generated.ContextualDeserializer);

    private sealed class Binder(ServiceBinderBase methods) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            methods.AddMethod(new Method<TRequest, TResponse>(method.Type, method.ServiceName, method.Name, method.RequestMarshaller, For(method.ResponseMarshaller)), handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            methods.AddMethod(method, handler);
    }
}
