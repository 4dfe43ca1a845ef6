using EventFeatures.Core.Contracts;

namespace EventFeatures.Core.Definitions;

/// <summary>What holds between contracts.</summary>
internal static class ContractRules
{
    public static void Check(RegistrySnapshot registered, DataContract contract, List<DefinitionIssue> issues)
    {
        var earlier = registered.History.OfType<DataContract>().Where(one => one.Reference == contract.Reference);
        var reported = new HashSet<(string, string)>();
        foreach (var old in earlier.Reverse())
        {
            // Transitive: a break against an old minor counts even when the newest minor is compatible with both.
            foreach (var (path, reason) in ContractCompatibility.Breaks(old, contract).Where(reported.Add))
                issues.Add(new DefinitionIssue("contract-incompatible",
                    $"{contract.Name} {contract.FullVersion} cannot read events of {old.FullVersion}: {reason}. Undo that, or make it version {contract.Version + 1}.0.0.",
                    path));
        }

        foreach (var other in registered.Contracts.Values.Where(one => one.Name != contract.Name && one.Category == contract.Category))
        {
            foreach (var (type, index) in contract.EventTypes.Keys.Select((type, index) => (type, index)).Where(pair => other.EventTypes.ContainsKey(pair.type)))
                issues.Add(new DefinitionIssue("event-type-taken",
                    $"The event type '{type}' of category '{contract.Category}' belongs to the contract {other.Reference}. Contracts may share a category, but not an event type in it.",
                    $"schema[{index}].name"));
        }
    }
}
