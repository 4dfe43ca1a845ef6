using EventFeatures.Core.Time;

namespace EventFeatures.Server.Api;

/// <summary>Writes instants, of which a view's features all have the same.</summary>
internal sealed class InstantTexts
{
    private Instant? _last;
    private string _text = "";

    /// <summary>The instant as ISO 8601; empty for none.</summary>
    public string Of(Instant? instant)
    {
        if (instant == _last) return _text;
        _last = instant;
        return _text = instant?.ToString() ?? "";
    }
}
