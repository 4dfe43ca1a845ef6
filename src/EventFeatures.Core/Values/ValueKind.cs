namespace EventFeatures.Core.Values;

/// <summary>The types of the data contract, as values carry them.</summary>
public enum ValueKind : byte
{
    /// <summary>Known to be absent.</summary>
    Null,

    /// <summary>A 64-bit signed whole number.</summary>
    Integer,

    /// <summary>An IEEE 754 double.</summary>
    Number,

    /// <summary>An exact decimal of up to 28 digits.</summary>
    Decimal,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Unicode text, compared by code unit.</summary>
    String,

    /// <summary>An <see cref="Time.Instant"/>.</summary>
    Timestamp,

    /// <summary>A calendar date without a zone.</summary>
    Date,

    /// <summary>A list of values.</summary>
    Array,

    /// <summary>Values by name.</summary>
    Object,
}
