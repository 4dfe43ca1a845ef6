using System.Collections.Concurrent;
using EventFeatures.Core.Models;
using Microsoft.ML.OnnxRuntime;

namespace EventFeatures.Inference.Scoring;

/// <summary>One loaded model: a pinned session, and buffers that calls take turns with. Safe to call from many threads.</summary>
internal sealed class OnnxModel : IDisposable
{
    // More callers than this at one moment make buffers of their own, and drop them afterwards.
    private static readonly int BuffersMax = Environment.ProcessorCount * 2;

    // What a session takes besides its weights.
    private const long SessionBytes = 1 << 20;

    private readonly InferenceSession _session;
    private readonly ModelSignature _signature;
    private readonly RunOptions _run = new();
    private readonly ConcurrentBag<Buffers> _pool = [];
    private readonly string _digest;
    private int _pooled;

    private OnnxModel(string digest, int inputCount, long bytes, InferenceSession session, ModelSignature signature)
    {
        Bytes = bytes;
        _digest = digest;
        _session = session;
        _signature = signature;
        InputCount = inputCount;
        Fingerprint = PinnedSession.Fingerprint(digest);
    }

    public int InputCount { get; }

    /// <summary>About how much memory it takes.</summary>
    public long Bytes { get; }

    public ExecutionFingerprint Fingerprint { get; }

    /// <summary>Opens the bytes, checks their inputs and outputs, and scores once, so that the first request finds it warm.</summary>
    /// <param name="bytes">The ONNX file.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="inputCount">How many features it is to take.</param>
    /// <param name="warmUp">How long that first score may take.</param>
    /// <param name="ending">Ends it before.</param>
    /// <exception cref="ModelInvalidException">The bytes cannot be used, or give no score in time.</exception>
    public static OnnxModel Open(byte[] bytes, string digest, int inputCount, TimeSpan warmUp, CancellationToken ending)
    {
        Graphs.GraphReader.Read(bytes, digest);
        InferenceSession session;
        try
        {
            session = PinnedSession.Open(bytes);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new ModelInvalidException($"Model {digest} cannot be run by ONNX Runtime: {Brief(refused)}. Export it again for this runtime.", refused);
        }
        try
        {
            var model = new OnnxModel(digest, inputCount, SessionBytes + bytes.Length, session, ModelSignature.Of(session, digest, inputCount));
            model.WarmUp(warmUp, ending);
            return model;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public float Score(ReadOnlySpan<float> features, CancellationToken cancellation)
    {
        if (features.Length != InputCount)
            throw new ModelInvalidException($"Model {_digest} takes {InputCount} features but was given {features.Length}. Give one value for each feature of its service, in its order.");
        var buffers = _pool.TryTake(out var idle) ? idle : new Buffers(InputCount, _signature);
        if (idle is not null) Interlocked.Decrement(ref _pooled);
        try
        {
            features.CopyTo(buffers.Input);
            Run(buffers, cancellation);
            return buffers.Output[_signature.Index];
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OnnxRuntimeException failed)
        {
            throw new ModelInvalidException($"Model {_digest} failed while scoring: {Brief(failed)}. Roll back to the version before it.", failed);
        }
        finally
        {
            Return(buffers);
        }
    }

    public void Dispose()
    {
        while (_pool.TryTake(out var buffers)) buffers.Dispose();
        _run.Dispose();
        _session.Dispose();
    }

    private void WarmUp(TimeSpan patience, CancellationToken ending)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ending);
        late.CancelAfter(patience);
        try
        {
            if (Score(new float[InputCount], late.Token) is not (>= 0 and <= 1) and var score)
                throw new ModelInvalidException($"Model {_digest} gave {score} for zeros, which is not a probability. Export it with its probability, and with nulls (NaN) handled in its graph.");
        }
        catch (OperationCanceledException cut) when (!ending.IsCancellationRequested)
        {
            throw new ModelInvalidException(
                $"Model {_digest} gave no score within {patience.TotalSeconds:0.#} s. Look for a loop in its graph that does not end, or register a smaller one.", cut);
        }
    }

    private void Run(Buffers buffers, CancellationToken cancellation)
    {
        if (!cancellation.CanBeCanceled)
        {
            _session.Run(_run, Buffers.InputNames, buffers.Inputs, buffers.OutputNames, buffers.Outputs);
            return;
        }
        // Of its own, since it is ended for this call alone.
        using var run = new RunOptions();
        using var ending = cancellation.UnsafeRegister(static ended => ((RunOptions)ended!).Terminate = true, run);
        _session.Run(run, Buffers.InputNames, buffers.Inputs, buffers.OutputNames, buffers.Outputs);
    }

    private void Return(Buffers buffers)
    {
        if (Interlocked.Increment(ref _pooled) <= BuffersMax)
        {
            _pool.Add(buffers);
            return;
        }
        Interlocked.Decrement(ref _pooled);
        buffers.Dispose();
    }

    // The runtime's messages may quote whole shapes and paths; a person needs the first of it.
    private static string Brief(OnnxRuntimeException failure)
    {
        var line = failure.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return line.Length <= 300 ? line : line[..300] + "…";
    }

    /// <summary>Pinned memory that the runtime reads from and writes to without allocating.</summary>
    private sealed class Buffers : IDisposable
    {
        public static readonly string[] InputNames = [ModelSignature.InputName];

        public Buffers(int inputCount, ModelSignature signature)
        {
            Input = new float[inputCount];
            Output = new float[signature.OutputShape.Aggregate(1L, (product, size) => product * size)];
            Inputs = [OrtValue.CreateTensorValueFromMemory(Input, [1, inputCount])];
            Outputs = [OrtValue.CreateTensorValueFromMemory(Output, signature.OutputShape)];
            OutputNames = [signature.OutputName];
        }

        public float[] Input { get; }

        public float[] Output { get; }

        public OrtValue[] Inputs { get; }

        public OrtValue[] Outputs { get; }

        public string[] OutputNames { get; }

        public void Dispose()
        {
            Inputs[0].Dispose();
            Outputs[0].Dispose();
        }
    }
}
