using System.Globalization;

namespace EventFeatures.Server.Api;

/// <summary>Where training sets are written: a folder of the server's home, since callers name no paths.</summary>
internal sealed class TrainingSetFolder(string folder, TimeProvider clock)
{
    /// <summary>Deletes what a server that was killed left half written. To be called before this one writes.</summary>
    public void DeleteUnfinished() => UnfinishedFiles.Delete(folder);

    /// <summary>A path that no training set has yet.</summary>
    public string NewPath(string name)
    {
        Directory.CreateDirectory(folder);
        var safe = new string([.. name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : '-')]);
        var time = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        return Path.Combine(folder, $"{(safe.Length > 0 ? safe : "training-set")}-{time}-{Guid.NewGuid().ToString("N")[..8]}.parquet");
    }
}
