using System.Security.Cryptography;
using EventFeatures.Core.Models;
using EventFeatures.Inference.Scoring;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Models;

public class FileModelStoreTests : IAsyncLifetime
{
    private static readonly byte[] Bytes = [1, 2, 3];
    private static readonly string Digest = Convert.ToHexStringLower(SHA256.HashData(Bytes));

    private readonly TemporaryStore _models = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _models.DisposeAsync().AsTask();

    [Fact]
    public async Task Bytes_are_kept_under_their_digest_and_nothing_else_is_left()
    {
        (await _models.Store.PutAsync(Bytes)).ShouldBe(Digest);
        (await _models.Store.PutAsync(Bytes)).ShouldBe(Digest);
        (await _models.Store.GetAsync(Digest)).ShouldBe(Bytes);
        Directory.GetFiles(_models.Folder).Select(Path.GetFileName).ShouldBe([Digest]);
    }

    [Fact]
    public async Task An_unknown_digest_has_no_bytes() => (await _models.Store.GetAsync(new string('a', 64))).ShouldBeNull();

    [Fact]
    public async Task Changed_bytes_are_refused_and_putting_them_again_heals_them()
    {
        await _models.Store.PutAsync(Bytes);
        await File.WriteAllBytesAsync(Path.Combine(_models.Folder, Digest), [1, 2, 4]);
        (await Should.ThrowAsync<ModelInvalidException>(() => _models.Store.GetAsync(Digest))).Message.ShouldContain("changed or damaged");
        await _models.Store.PutAsync(Bytes);
        (await _models.Store.GetAsync(Digest)).ShouldBe(Bytes);
    }

    [Fact]
    public async Task Bytes_that_cannot_be_read_are_told_as_a_model_that_cannot_be_used()
    {
        Directory.CreateDirectory(Path.Combine(_models.Folder, Digest));

        (await Should.ThrowAsync<ModelInvalidException>(() => _models.Store.GetAsync(Digest))).Message.ShouldContain($"The stored bytes of model {Digest} cannot be read");
    }

    [Fact]
    public async Task A_folder_that_was_removed_is_told_as_a_model_that_cannot_be_used()
    {
        var folder = Path.Combine(_models.Folder, "models");
        var store = new FileModelStore(folder);
        Directory.Delete(folder);

        (await Should.ThrowAsync<ModelInvalidException>(() => store.GetAsync(Digest))).Message.ShouldContain("cannot be read");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("ABCDEF")]
    public async Task What_is_not_a_digest_names_no_file(string digest) =>
        (await Should.ThrowAsync<ModelInvalidException>(() => _models.Store.GetAsync(digest))).Message.ShouldContain("is not a model digest");

    [Fact]
    public async Task Many_writers_of_the_same_bytes_do_not_disturb_each_other()
    {
        var large = new byte[1_000_000];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _models.Store.PutAsync(large))));
        Directory.GetFiles(_models.Folder).Length.ShouldBe(1);
    }
}
