using Grpc.Core;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>A gRPC service of one method, whose messages are bytes that nobody looks into.</summary>
[BindServiceMethod(typeof(ReadyMadeService), nameof(BindService))]
internal abstract class ReadyMadeService
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    protected static readonly Method<byte[], byte[]> Served = new(MethodType.Unary, "eventfeatures.bench.ReadyMade", nameof(Get), Bytes, Bytes);

    /// <summary>Found by name, by what serves it.</summary>
    public static void BindService(ServiceBinderBase methods, ReadyMadeService? service) =>
        methods.AddMethod(Served, service is null ? null : new UnaryServerMethod<byte[], byte[]>(service.Get));

    /// <summary>Found by the method's name, likewise.</summary>
    public abstract Task<byte[]> Get(byte[] request, ServerCallContext context);
}
