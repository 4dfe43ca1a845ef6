using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace EventFeatures.Cli.CommandLine;

/// <summary>What to type, as `--help` shows it below the options; a test keeps every line one that can be parsed.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string[]> ByVerb = new(StringComparer.Ordinal)
    {
        [""] =
        [
            "demo payments --events 20000 --predictions 2000",
            "up",
            "apply ops/demo/payments --reason 'first definitions'",
            "status",
        ],
        ["up"] = ["up", "up --home /srv/eventfeatures --port 8080 --log-port 2113", "up --producer-quotas quotas.yaml", "up --json"],
        ["demo payments"] = ["demo payments", "demo payments --events 20000 --predictions 2000 --seed 7"],
        ["demo electricity"] = ["demo electricity --input elec2.csv"],
        ["plan"] = ["plan ops/demo/payments", "plan contracts.yaml views.yaml"],
        ["apply"] = ["apply ops/demo/payments --reason 'first definitions' --actor ana@example.com", "apply views.yaml --reason 'counts refunds' --switch-when-caught-up"],
        ["evaluate"] =
        [
            "evaluate --definitions ops/demo/evaluate/definitions.yaml --view orders --events ops/demo/evaluate/events.jsonl --spine ops/demo/evaluate/spine.jsonl",
        ],
        ["append"] =
        [
            """append --stream card-4929 --type PaymentAuthorised --data '{"amount": 12.5, "occurred_at": "2026-01-01T00:00:00Z"}'""",
            "append --file events.jsonl",
            "append --file - --json",
        ],
        ["features batch"] = ["features batch --service fraud@v1 --file cards.jsonl --json"],
        ["features watch"] = ["features watch --service fraud@v1 --entity card=4929 --context amount=12.5", "features watch --service fraud@v1 --after 120002 --json"],
        ["features get"] =
        [
            "features get --service fraud@v1 --entity card=4929 --context amount=12.5 --context country=FR",
            "features get --feature card_activity__count_1h --entity card=4929 --as-of 2026-01-01T00:00:00Z",
        ],
        ["predict"] = ["predict --model fraud --entity card=4929 --context amount=12.5 --context country=FR --id order-17"],
        ["outcome"] = ["outcome --prediction order-17 --label 1 --source chargebacks"],
        ["training-set"] =
        [
            "training-set --service fraud@v1 --spine spine.jsonl",
            "training-set --service fraud@v1 --spine labels.csv --knowledge latest",
            "training-set --from-predictions fraud",
        ],
        ["export"] = ["export --view card_activity@v1 --to card_activity", "export --view card_activity@v1 --to by_month --partition-by month"],
        ["models show"] = ["models show fraud"],
        ["models train"] = ["models train fraud --spine spine.jsonl", "models train fraud --from-predictions fraud"],
        ["models register"] = ["models register fraud --file fraud.onnx"],
        ["models promote"] = ["models promote fraud --version 2 --reason 'better calibrated'"],
        ["replay"] = ["replay --all", "replay --all --model fraud", "replay --prediction order-17 --json"],
        ["lineage"] =
        [
            "lineage --prediction order-17",
            "lineage --event 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "lineage --view card_activity@v1 --entity card=4929 --feature count_1h --as-of 2026-01-01T00:00:00Z",
            "lineage --field payments.authorisation/1#amount",
            "lineage --model fraud --openlineage",
        ],
        ["consistency check"] = ["consistency check --service fraud", "consistency check --service fraud@v1 --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z --json"],
        ["consistency status"] = ["consistency status", "consistency status --json"],
        ["quarantine list"] = ["quarantine list", "quarantine list --contract payments.authorisation --json"],
        ["quarantine show"] = ["quarantine show 6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
        ["quarantine redrive"] = ["quarantine redrive 6ba7b810-9dad-11d1-80b4-00c04fd430c8", "quarantine redrive --all --contract payments.authorisation --reason 'version 1.1 allows it'"],
        ["quarantine discard"] = ["quarantine discard 6ba7b810-9dad-11d1-80b4-00c04fd430c8 --reason 'a test terminal' --actor ana@example.com"],
        ["status"] = ["status", "status --server http://127.0.0.1:8080 --json"],
        ["log copy"] = ["log copy --to esdb://cluster.example.com:2113 --reason 'moving to the cluster'", "log copy --to esdb://127.0.0.1:2113?tls=false --verify"],
        ["log position"] = ["log position 120002"],
        ["views switch"] = ["views switch card_activity --version 2 --reason 'counts refunds' --wait 2h"],
        ["views restore"] = ["views restore card_activity --reason 'v2 misses refunds'"],
        ["views retire"] = ["views retire card_activity --version 1 --reason 'v2 serves for a month'"],
        ["views revive"] = ["views revive card_activity --version 1 --reason 'to compare with v3'"],
        ["views rebuild"] = ["views rebuild card_activity", "views rebuild card_activity@v1 --json"],
        ["log scavenge"] = ["log scavenge --reason 'monthly'", "log scavenge --json"],
        ["backup"] = ["backup --to /backups/eventfeatures"],
        ["restore"] = ["restore --from /backups/eventfeatures --home restored", "restore --from /backups/eventfeatures --verify"],
    };

    /// <summary>The lines for a verb, without the command's own name; none for one that has verbs of its own.</summary>
    public static IReadOnlyList<string> Of(Command command) => ByVerb.GetValueOrDefault(PathOf(command), []);

    /// <summary>Has the help of every verb end with its examples.</summary>
    public static void AddTo(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new WithExamples((SynchronousCommandLineAction)help.Action!);
    }

    private static string PathOf(Command command) =>
        command is RootCommand ? "" : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}".TrimStart();

    private sealed class WithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = help.Invoke(parseResult);
            var lines = Of(parseResult.CommandResult.Command);
            if (lines.Count == 0) return exitCode;
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var line in lines) output.WriteLine($"  {CommandLine.Invocation.CommandName} {line}");
            output.WriteLine();
            return exitCode;
        }
    }
}
