using System.CommandLine;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Demos;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>demo</c>: the whole loop on real parts.</summary>
internal static class DemoVerb
{
    private const int EventsMin = 5_000;
    private const int EventsMax = 10_000_000;

    public static Command Create() => new("demo", "Run the whole loop on real parts, end to end, in a folder of its own inside --home.") { Payments(), Electricity() };

    private static Command Payments()
    {
        var defaults = new PaymentsDemoOptions();
        var events = new Option<int>("--events")
        {
            Description = $"How many distinct events to simulate, from {EventsMin:N0} on. Default: {defaults.Events:N0}.", HelpName = "N",
            DefaultValueFactory = _ => defaults.Events,
        };
        var predictions = new Option<int>("--predictions")
        {
            Description = $"How many payments of the last two fifths to ask about. Default: {defaults.Predictions:N0}.", HelpName = "N",
            DefaultValueFactory = _ => defaults.Predictions,
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = $"Which stream; one seed is one stream for ever. Default: {defaults.Seed}.", HelpName = "N",
            DefaultValueFactory = _ => defaults.Seed,
        };
        Between(events, EventsMin, EventsMax);
        Between(predictions, 1, EventsMax);
        return new Command("payments", "Simulated card payments with fraud: import, train, serve, outcomes, replay.") { events, predictions, seed }
            .Does((invocation, cancellation) => DemoRun.InOwnHomeAsync(invocation, "payments", cancellation, run =>
                new PaymentsDemo(run, new PaymentsDemoOptions(invocation.Get(events), invocation.Get(predictions), invocation.Get(seed))).RunAsync()));
    }

    private static Command Electricity()
    {
        var input = new Option<FileInfo>("--input") { Description = "The Elec2 file: CSV, a row each half-hour.", HelpName = "FILE", Required = true };
        return new Command("electricity", "The Elec2 stream: predict the price's direction before each half-hour, beside the no-change baseline.") { input }
            .Does((invocation, cancellation) =>
            {
                // A wrong file is said before anything is started.
                var periods = ElectricityDemo.Read(invocation.Get(input)!.FullName);
                return DemoRun.InOwnHomeAsync(invocation, "electricity", cancellation, run => new ElectricityDemo(run, periods).RunAsync());
            });
    }

    private static void Between(Option<int> option, int least, int most) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var number) && (number < least || number > most))
                result.AddError($"{option.Name} takes a number from {least:N0} to {most:N0}, not {number:N0}.");
        });
}
