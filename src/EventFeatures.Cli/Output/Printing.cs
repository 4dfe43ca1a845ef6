using EventFeatures.Cli.CommandLine;
using Google.Protobuf;

namespace EventFeatures.Cli.Output;

/// <summary>Prints an answer of the API: as one line of JSON, or as text for people.</summary>
internal static class Printing
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    public static void Print<T>(this Invocation invocation, T message, Action<TextWriter, T> asText) where T : IMessage
    {
        if (invocation.Json) invocation.Out.WriteLine(Formatter.Format(message));
        else asText(invocation.Out, message);
    }
}
