using System.CommandLine;

namespace EventFeatures.Cli.CommandLine;

/// <summary>The options that every verb takes.</summary>
internal static class GlobalOptions
{
    public const string HomeVariable = "EVENTFEATURES_HOME";
    public const string ActorVariable = "EVENTFEATURES_ACTOR";

    public static readonly Option<string> Home = new("--home")
    {
        Description = $"The data folder: database, models, training sets. Default: ${HomeVariable}, else .eventfeatures here.",
        HelpName = "DIR",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } home ? home : ".eventfeatures",
    };

    public static readonly Option<string?> Server = new("--server")
    {
        Description = "The API of a running server, for example http://127.0.0.1:8080. Default: the one running on --home; where none runs, one is started for this command alone.",
        HelpName = "URL",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print JSON for machines, one document a line.",
        Recursive = true,
    };

    public static readonly Option<string> Actor = new("--actor")
    {
        Description = $"Who does this, as it is recorded. Default: ${ActorVariable}, else this account's name.",
        HelpName = "WHO",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(ActorVariable) is { Length: > 0 } actor ? actor : Environment.UserName,
    };
}
