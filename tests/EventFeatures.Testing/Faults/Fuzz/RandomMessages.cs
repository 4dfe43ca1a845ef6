using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace EventFeatures.Testing.Faults.Fuzz;

/// <summary>
/// Messages that parse, with values that nobody would send: absurd numbers, names that are not text, unknown enum
/// values, fields missing at random.
/// </summary>
public sealed class RandomMessages(Random random)
{
    private const int DepthMax = 6;
    private static readonly string[] Names = ["", "$all", "$$card-1", "$ce-card", "$et-A", "$", "card-1", "card-2", "a\0b", "🂡-1", new string('x', 5000)];
    private static readonly ulong[] Numbers = [0, 1, 2, 7, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue, 1UL << 63];

    /// <summary>A message of this type.</summary>
    public IMessage Of(MessageDescriptor type) => Of(type, DepthMax);

    private IMessage Of(MessageDescriptor type, int depth)
    {
        var message = type.Parser.ParseFrom([]);
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (depth == 0 || random.Next(4) == 0) continue;
            if (field.IsMap) AddEntries((IDictionary)field.Accessor.GetValue(message), field, depth);
            else if (field.IsRepeated) AddItems((IList)field.Accessor.GetValue(message), field, depth);
            else field.Accessor.SetValue(message, Value(field, depth));
        }
        return message;
    }

    private void AddItems(IList items, FieldDescriptor field, int depth)
    {
        for (var left = random.Next(4); left > 0; left--) items.Add(Value(field, depth));
    }

    private void AddEntries(IDictionary entries, FieldDescriptor field, int depth)
    {
        // What an append needs, most of the time, so that some get further than the first check.
        if (random.Next(4) > 0) (entries["type"], entries["content-type"]) = ("Tested", random.Next(2) == 0 ? "application/json" : "x/y");
        for (var left = random.Next(3); left > 0; left--)
            entries[Value(field.MessageType.Fields[1], depth)!] = Value(field.MessageType.Fields[2], depth);
    }

    private object? Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Message or FieldType.Group => Of(field.MessageType, depth - 1),
        FieldType.Bytes => Bytes(),
        FieldType.String => random.Next(3) == 0 ? Guid.NewGuid().ToString() : Names[random.Next(Names.Length)],
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, random.Next(3) == 0 ? random.Next() : random.Next(4)),
        FieldType.Double => BitConverter.Int64BitsToDouble(random.NextInt64()),
        FieldType.Float => BitConverter.Int32BitsToSingle(random.Next()),
        FieldType.UInt64 or FieldType.Fixed64 => Number(),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => unchecked((long)Number()),
        FieldType.UInt32 or FieldType.Fixed32 => unchecked((uint)Number()),
        _ => unchecked((int)Number()),
    };

    private ulong Number() => random.Next(3) == 0 ? (ulong)random.NextInt64() : Numbers[random.Next(Numbers.Length)];

    private ByteString Bytes()
    {
        if (random.Next(2) == 0) return ByteString.CopyFromUtf8(Names[random.Next(Names.Length)]);
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return ByteString.CopyFrom(bytes);
    }
}
