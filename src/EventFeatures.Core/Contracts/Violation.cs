namespace EventFeatures.Core.Contracts;

/// <summary>How an event breaks its contract.</summary>
/// <param name="Code">One of <see cref="ViolationCode"/>.</param>
/// <param name="Detail">What was found where, with the value, and what would have been right.</param>
public sealed record Violation(string Code, string Detail);

/// <summary>The stable codes of violations.</summary>
public static class ViolationCode
{
    /// <summary>The stream is not <c>category-key</c> with a key.</summary>
    public const string StreamNameInvalid = "stream-name-invalid";

    /// <summary>The contract has no such event type.</summary>
    public const string EventTypeUnknown = "event-type-unknown";

    /// <summary>The payload is not a JSON object, or is nested too deep.</summary>
    public const string JsonInvalid = "json-invalid";

    /// <summary>A JSON member is there twice.</summary>
    public const string MemberDuplicated = "member-duplicated";

    /// <summary>A required field is absent or null.</summary>
    public const string RequiredFieldMissing = "required-field-missing";

    /// <summary>A field's value has another type.</summary>
    public const string TypeMismatch = "type-mismatch";

    /// <summary>A number does not fit its type exactly, or at all.</summary>
    public const string NumberOutOfRange = "number-out-of-range";

    /// <summary>A text is not valid Unicode, or holds U+0000.</summary>
    public const string TextInvalid = "text-invalid";

    /// <summary>A timestamp or date cannot be read.</summary>
    public const string TimeInvalid = "time-invalid";

    /// <summary>A value is not among those allowed.</summary>
    public const string ValueNotAllowed = "value-not-allowed";

    /// <summary>A value is below the least one allowed.</summary>
    public const string BelowMinimum = "below-minimum";

    /// <summary>A value is above the greatest one allowed.</summary>
    public const string AboveMaximum = "above-maximum";

    /// <summary>The contract names an event-time field and the payload does not fill it.</summary>
    public const string EventTimeMissing = "event-time-missing";

    /// <summary>The event time lies further ahead of the recording than the contract allows.</summary>
    public const string OccurredInFuture = "occurred-in-future";

    /// <summary>A payload field that is part of an entity's key holds something that no key can be.</summary>
    public const string KeyInvalid = "entity-key-invalid";

    /// <summary>The event touches more entities than one event may.</summary>
    public const string KeyFanOut = "entities-too-many";

    /// <summary>An expression of the view overflows on this event.</summary>
    public const string ExpressionOverflow = "expression-overflow";
}
