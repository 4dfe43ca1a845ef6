namespace EventFeatures.Core.Definitions;

/// <summary>
/// The keys of the Open Data Contract Standard v3. Those that nothing here enforces are accepted and stay in the
/// canonical JSON; a key that the standard does not have is a typo.
/// </summary>
internal static class OdcsKeys
{
    public static readonly IReadOnlyList<string> Contract =
    [
        "apiVersion", "kind", "id", "name", "version", "status", "tenant", "domain", "dataProduct", "description", "tags",
        "schema", "servers", "support", "price", "team", "roles", "slaDefaultElement", "slaProperties",
        "authoritativeDefinitions", "customProperties", "contractCreatedTs",
    ];

    private static readonly IReadOnlyList<string> Element =
    [
        "id", "name", "physicalName", "physicalType", "logicalType", "description", "businessName", "tags",
        "authoritativeDefinitions", "customProperties", "quality", "properties", "relationships",
    ];

    public static readonly IReadOnlyList<string> SchemaObject = [.. Element, "dataGranularityDescription"];

    /// <summary>The standard's keys of a property, and <c>enum</c>, which it lacks.</summary>
    public static readonly IReadOnlyList<string> Property =
    [
        .. Element, "logicalTypeOptions", "required", "unique", "primaryKey", "primaryKeyPosition", "partitioned",
        "partitionKeyPosition", "classification", "encryptedName", "transformSourceObjects", "transformLogic",
        "transformDescription", "examples", "criticalDataElement", "items", "enum",
    ];

    /// <summary>What stands under <c>customProperties</c> because the standard lacks it.</summary>
    public static readonly IReadOnlyList<string> Custom =
    [
        "eventfeatures.category", "eventfeatures.eventTime", "eventfeatures.allowedLateness",
        "eventfeatures.maxFutureSkew", "eventfeatures.onViolation",
    ];
}
