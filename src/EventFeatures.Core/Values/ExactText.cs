using System.Globalization;
using System.Text.Json;

namespace EventFeatures.Core.Values;

/// <summary>Finite numbers as the shortest text that reads back as the same bits.</summary>
/// <remarks>
/// The platform's shortest text of 2^-25 and of 2^-958 reads back as the number beside them: at a power of two the
/// numbers below lie twice as close, which it forgets there. So those are written with all 17 digits.
/// </remarks>
public static class ExactText
{
    private const long FractionBits = 0x000F_FFFF_FFFF_FFFF;

    /// <summary>The text.</summary>
    public static string Write(double number)
    {
        var shortest = number.ToString("R", CultureInfo.InvariantCulture);
        return IsPowerOfTwo(number) && double.Parse(shortest, CultureInfo.InvariantCulture) != number
            ? number.ToString("E16", CultureInfo.InvariantCulture)
            : shortest;
    }

    /// <summary>Writes a member's value, or an element, as a JSON number.</summary>
    public static void Write(Utf8JsonWriter writer, double number)
    {
        // Utf8JsonWriter writes -0.0 as "-0" and any number but a power of two in its shortest exact form.
        if (IsPowerOfTwo(number)) writer.WriteRawValue(Write(number));
        else writer.WriteNumberValue(number);
    }

    /// <summary>Writes a named member.</summary>
    public static void Write(Utf8JsonWriter writer, string name, double number)
    {
        writer.WritePropertyName(name);
        Write(writer, number);
    }

    private static bool IsPowerOfTwo(double number) => (BitConverter.DoubleToInt64Bits(number) & FractionBits) == 0 && number != 0;
}
