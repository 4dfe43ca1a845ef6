namespace EventFeatures.Log.Protocol;

/// <summary>Names that the protocol carries as text: metadata keys, content types, trailers, exceptions.</summary>
internal static class WireNames
{
    public const string TypeKey = "type";
    public const string CreatedKey = "created";
    public const string ContentTypeKey = "content-type";
    public const string Json = "application/json";
    public const string OctetStream = "application/octet-stream";

    public const string ExceptionTrailer = "exception";
    public const string StreamNameTrailer = "stream-name";
    public const string ExpectedVersionTrailer = "expected-version";
    public const string ActualVersionTrailer = "actual-version";
    public const string MaximumAppendSizeTrailer = "maximum-append-size";
    public const string RequiredPropertiesTrailer = "required-metadata-properties";
    public const string LeaderHostTrailer = "leader-endpoint-host";
    public const string LeaderPortTrailer = "leader-endpoint-port";

    public const string WrongExpectedVersion = "wrong-expected-version";
    public const string StreamDeleted = "stream-deleted";
    public const string MaximumAppendSizeExceeded = "maximum-append-size-exceeded";
    public const string MissingRequiredProperty = "missing-required-metadata-property";
    public const string NotLeader = "not-leader";

    public const string RequiresLeaderHeader = "requires-leader";
    public const string ConnectionNameHeader = "connection-name";
    public const string AuthorizationHeader = "authorization";

    /// <summary>The revision of the event that closes a tombstoned stream.</summary>
    public const long TombstoneRevision = long.MaxValue;

    /// <summary>At most this many bytes in one append, all its events together.</summary>
    public const int AppendBytesMax = 1024 * 1024;
}
