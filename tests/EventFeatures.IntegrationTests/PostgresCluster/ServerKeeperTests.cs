using EventFeatures.Server.PostgresCluster;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.PostgresCluster;

public sealed class ServerKeeperTests : IDisposable
{
    // Notes that it ran, and ends once it may.
    private const string Program = "echo ran >> \"$0/runs\"; until [ -e \"$0/end\" ]; do sleep 0.05; done; exit 1";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("ef-keeper-").FullName;

    [Fact]
    public async Task A_server_whose_reason_cannot_be_read_is_started_again_all_the_same()
    {
        var log = Path.Combine(_folder, "server.log");
        var keeper = new ServerKeeper(["/bin/sh", "-c", Program, _folder], log);
        keeper.StartAgain();
        await Eventually.TrueAsync(() => Task.FromResult(Runs() == 1), Deadline, () => "It does not run.");

        // Whoever reads it now is refused.
        await using (new FileStream(log, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, "end"), "");
            await Eventually.TrueAsync(() => Task.FromResult(Runs() > 1), Deadline, () => keeper.Fault ?? "It was not started again.");
            keeper.Fault.ShouldNotBeNull().ShouldContain("its reason cannot be read");
        }

        keeper.Stop();
        await keeper.Ended.WaitAsync(Deadline);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private int Runs() => File.Exists(Path.Combine(_folder, "runs")) ? File.ReadAllLines(Path.Combine(_folder, "runs")).Length : 0;
}
