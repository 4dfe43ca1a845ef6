using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace EventFeatures.Testing.Faults.Fuzz;

/// <summary>Request bodies that a correct client would never send, drawn from a seed.</summary>
public sealed class HostileBodies(int seed)
{
    private const int FrameHeader = 5;

    private readonly Random _random = new(seed);
    private readonly RandomMessages _messages = new(new Random(seed));

    /// <summary>A body for a method that takes messages of this type, and a name of its kind.</summary>
    public (string Kind, byte[] Body) Next(MessageDescriptor input) => _random.Next(10) switch
    {
        0 => ("random bytes", Random(_random.Next(300))),
        1 => ("an absurd length", Frame(Random(_random.Next(30)), _random.Next(2) == 0 ? uint.MaxValue : int.MaxValue)),
        2 => ("a truncated frame", Truncated(Frame(_messages.Of(input).ToByteArray()))),
        3 => ("a compressed frame that is not", Frame(Random(_random.Next(60)), flag: (byte)_random.Next(1, 256))),
        4 => ("random bytes as a message", Frame(Random(_random.Next(200)))),
        5 => ("nothing", []),
        6 => ("empty messages", [.. Frame([]), .. Frame([])]),
        7 => ("a bent message", Frame(Bent(_messages.Of(input).ToByteArray()))),
        8 => ("several odd messages", [.. Enumerable.Range(0, _random.Next(2, 6)).SelectMany(_ => Frame(_messages.Of(input).ToByteArray()))]),
        _ => ("an odd message", Frame(_messages.Of(input).ToByteArray())),
    };

    /// <summary>A message as gRPC frames it, or with another length than it has.</summary>
    public static byte[] Frame(byte[] message, uint? length = null, byte flag = 0)
    {
        var frame = new byte[FrameHeader + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)message.Length);
        message.CopyTo(frame.AsSpan(FrameHeader));
        return frame;
    }

    private byte[] Random(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private byte[] Truncated(byte[] frame) => frame[..Math.Max(1, _random.Next(frame.Length))];

    private byte[] Bent(byte[] message)
    {
        for (var changes = _random.Next(1, 4); changes > 0 && message.Length > 0; changes--) message[_random.Next(message.Length)] = (byte)_random.Next(256);
        return message;
    }
}
