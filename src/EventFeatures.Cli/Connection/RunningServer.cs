using System.Text.Json;

namespace EventFeatures.Cli.Connection;

/// <summary>Where a server on a home folder listens, as it wrote when it was ready.</summary>
internal sealed record RunningServer(int ProcessId, string Api, string Log)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public void Write(string home)
    {
        var path = PathIn(home);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(this, Options));
        File.Move(path + ".new", path, overwrite: true);
    }

    public static RunningServer? Read(string home)
    {
        try
        {
            return JsonSerializer.Deserialize<RunningServer>(File.ReadAllText(PathIn(home)), Options);
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static void Remove(string home) => File.Delete(PathIn(home));

    private static string PathIn(string home) => Path.Combine(home, "server.json");
}
