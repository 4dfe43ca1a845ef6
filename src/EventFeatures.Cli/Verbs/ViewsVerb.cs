using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;
using EventFeatures.Core.Time;
using Grpc.Core;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>views</c>: which version of a view serves, and whether it is what the log gives.</summary>
internal static class ViewsVerb
{
    private const string NotCaughtUp = "view-not-caught-up";
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    private static readonly Argument<string> Name = new("VIEW") { Description = "The view's name, for example card_activity." };

    private static readonly Option<string> Reason = new("--reason") { Description = "Why, as it is recorded.", HelpName = "TEXT", DefaultValueFactory = _ => "" };

    public static Command Create() => new("views", "Switch between a view's versions, end one, and build one again to verify it.") { Switch(), Restore(), Retire(), Revive(), Rebuild() };

    private static Command Switch()
    {
        var version = new Option<int>("--version") { Description = "The version that is to serve whoever names the view alone.", HelpName = "N", Required = true };
        var force = new Option<bool>("--force") { Description = "Switch although the version has not caught up with the log; it serves what it has so far." };
        var wait = new Option<string?>("--wait") { Description = "Wait so long, for example 2h, until the version has caught up, and switch then. Default: refuse at once.", HelpName = "DURATION" };
        return new Command("switch", "Have another version of a view serve by the view's name, once it has caught up with the log. `views restore` goes back at once.")
            { Name, version, Reason, force, wait }.Does(async (invocation, cancellation) =>
        {
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var request = Request(invocation, invocation.Get(version), invocation.Get(force));
            Print(invocation, await SwitchAsync(api, request, WaitOf(invocation.Get(wait)), invocation, cancellation).ConfigureAwait(false));
        });
    }

    private static Command Restore() =>
        new Command("restore", "Have the version serve again that served before the last switch. It was projected all the while, so it serves at once.")
            { Name, Reason }.Does(async (invocation, cancellation) =>
        {
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            Print(invocation, await api.Registry.SwitchViewAsync(Request(invocation, version: 0, force: false), cancellationToken: cancellation).ConfigureAwait(false));
        });

    private static Command Retire()
    {
        var version = new Option<int>("--version") { Description = "The version to end; not the one that serves, and none that a feature service in use names.", HelpName = "N", Required = true };
        return new Command("retire",
            """
            End a version of a view: its projection stops and its rows are dropped, on every server. Nothing is lost: what was
            predicted with it is still replayed from the log, and `views revive` has it projected again from the log.
            """)
            { Name, version, Reason }.Does(async (invocation, cancellation) =>
        {
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var answer = await api.Registry.RetireViewAsync(RetireRequest(invocation, invocation.Get(version)), cancellationToken: cancellation).ConfigureAwait(false);
            invocation.Print(answer, (writer, retired) =>
            {
                writer.WriteLine(retired.Position == 0
                    ? $"{retired.View} is retired already."
                    : $"{retired.View} is retired at position {retired.Position}. Its projection stops and its rows are dropped; they can be built again from the log.");
                writer.WriteLine($"next, to have it back: {invocation.Next("views revive")} {invocation.Get(Name)} --version {Text(invocation.Get(version))}");
            });
        });
    }

    private static Command Revive()
    {
        var version = new Option<int>("--version") { Description = "The retired version.", HelpName = "N", Required = true };
        return new Command("revive", "Have a version that was retired projected again, from the log's first event on.") { Name, version, Reason }.Does(async (invocation, cancellation) =>
        {
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var answer = await api.Registry.ReviveViewAsync(RetireRequest(invocation, invocation.Get(version)), cancellationToken: cancellation).ConfigureAwait(false);
            invocation.Print(answer, (writer, revived) => writer.WriteLine(revived.Position == 0
                ? $"{revived.View} is not retired."
                : $"{revived.View} is projected again from the log's first event. Next: {invocation.Next("status")}"));
        });
    }

    private static RetireViewRequest RetireRequest(Invocation invocation, int version) => new()
    {
        View = invocation.Get(Name), Version = version, Actor = invocation.Actor, Reason = invocation.Get(Reason),
    };

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static Command Rebuild()
    {
        var replace = new Option<bool>("--replace") { Description = "Drop what serves and build it in its place instead, for a view that was found to differ. Until it has caught up it answers as far as it has come." };
        var view = new Argument<string>("VIEW") { Description = "The view, for example card_activity@v1, or card_activity for the version that serves." };
        return new Command("rebuild", "Build a view again from the log's first event beside the one that serves, and tell whether the two are equal.")
            { view, replace }.Does(async (invocation, cancellation) =>
        {
            await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
            var request = new RebuildViewRequest { View = invocation.Get(view), Replace = invocation.Get(replace) };
            var done = await RebuildAsync(api, request, invocation, cancellation).ConfigureAwait(false);
            invocation.Print(done, (writer, result) => Print(writer, result, invocation));
            return done.Difference.Length == 0 ? ExitCode.Done : ExitCode.Refused;
        });
    }

    private static async Task<SwitchViewResponse> SwitchAsync(
        ApiSession api, SwitchViewRequest request, TimeSpan waitMax, Invocation invocation, CancellationToken cancellation)
    {
        var begun = TimeProvider.System.GetTimestamp();
        using var progress = invocation.Progress("catching up");
        while (true)
        {
            try
            {
                return await api.Registry.SwitchViewAsync(request, cancellationToken: cancellation).ConfigureAwait(false);
            }
            catch (RpcException refused) when (refused.Trailers.GetValue("error-code") == NotCaughtUp && TimeProvider.System.GetElapsedTime(begun) < waitMax)
            {
                var status = await api.Features.GetStatusAsync(new GetStatusRequest(), cancellationToken: cancellation).ConfigureAwait(false);
                if (status.Views.FirstOrDefault(view => view.View == $"{request.View}@v{request.Version.ToString(CultureInfo.InvariantCulture)}") is { } view)
                    progress.Report((long)(1_000 * view.Progress), 1_000, StatusVerb.Left(view));
                await Task.Delay(LookPeriod, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static async Task<RebuildViewResult> RebuildAsync(ApiSession api, RebuildViewRequest request, Invocation invocation, CancellationToken cancellation)
    {
        using var progress = invocation.Progress("rebuild");
        return await api.Maintenance.RebuildView(request, cancellationToken: cancellation).ResultAsync(
            report => report.Progress is { } now ? progress.Show<RebuildViewResult>(now) : report.Done, "; what serves was not changed", cancellation).ConfigureAwait(false);
    }

    private static TimeSpan WaitOf(string? text) =>
        text is null ? TimeSpan.Zero
        : Duration.TryParse(text, out var duration) ? duration.ToTimeSpan()
        : throw new UsageException($"--wait takes a duration such as 90s, 15m or 2h, not '{text}'.");

    private static SwitchViewRequest Request(Invocation invocation, int version, bool force) => new()
    {
        View = invocation.Get(Name), Version = version, Force = force, Actor = invocation.Actor, Reason = invocation.Get(Reason),
    };

    private static void Print(Invocation invocation, SwitchViewResponse answer) => invocation.Print(answer, (writer, switched) =>
    {
        writer.WriteLine(switched.Position == 0
            ? $"{switched.Served} serves already."
            : $"{switched.Served} serves from position {switched.Position} on; v{switched.PreviousVersion.ToString(CultureInfo.InvariantCulture)} served before.");
        if (switched.Position > 0) writer.WriteLine($"next, to go back: {invocation.Next("views restore")} {switched.Served.Split('@')[0]}");
    });

    private static void Print(TextWriter writer, RebuildViewResult result, Invocation invocation)
    {
        if (result.Replaced)
        {
            writer.WriteLine($"{result.View} was dropped and builds again from the log's first event. Next: {invocation.Next("status")}");
            return;
        }
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.View}: {result.Entities:N0} entities and {result.Rows:N0} rows compared up to position {result.Position}"));
        if (result.ChangedMeanwhile > 0)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"of {result.ChangedMeanwhile:N0} more entities the rows alone, since later events had changed their states"));
        writer.WriteLine(result.Difference.Length == 0
            ? "equal"
            : $"DIFFERENT. {result.Difference} Next: find out who wrote the tables past EventFeatures, then {invocation.Next("views rebuild")} {result.View} --replace");
    }
}
