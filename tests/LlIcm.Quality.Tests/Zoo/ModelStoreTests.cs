using System.Security.Cryptography;
using System.Text;
using LlIcm.TestSupport;
using LlIcm.Zoo;

namespace LlIcm.Quality.Tests.Zoo;

public sealed class ModelStoreTests : IDisposable
{
    private const string Alex = "alexnet-owt-7be5be79.pth", Liqe = "LIQE.pt";
    private readonly string _folder = Directory.CreateTempSubdirectory("llicm-store").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_missing_is_named_with_its_place_in_one_line()
    {
        var error = Assert.Throws<ModelStoreException>(() => new ModelStore(_folder).Require("liqe"));
        Assert.Equal(
            $"LIQE, all data sets needs LIQE.pt: put it into {_folder}, or set LLICM_MODELS to its folder",
            error.Message);
        Assert.Null(new ModelStore(_folder).Find("liqe"));
        Assert.Throws<ModelStoreException>(() => new ModelStore(_folder).Find("nonsense"));
    }

    [Fact]
    public void Every_model_is_listed_with_its_path()
    {
        IReadOnlyList<ModelStatus> list = new ModelStore(_folder).List();
        Assert.Equal(PublishedModel.All.Count, list.Count);
        Assert.All(list, each => Assert.False(each.Present));
        Assert.All(list, each => Assert.StartsWith(_folder, each.Path, StringComparison.Ordinal));
        ModelStatus alex = Assert.Single(list, each => each.Model.Id == "lpips-alex");
        Assert.Equal(244_408_911, alex.Size);
    }

    [Fact]
    public void The_default_folder_follows_the_environment()
    {
        // The variables themselves are the process's, so that only an unset one can be tested without harm to others.
        if (Environment.GetEnvironmentVariable(ModelStore.FolderVariable) is not null) return;
        Assert.EndsWith(Path.Combine("llicm", "models"), new ModelStore().Folder, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_fetched_and_its_hash_recorded()
    {
        await using TinyServer server = Serving(Liqe, Random(100_000));
        var store = new ModelStore(_folder, server.Address);
        var progress = new List<TransferProgress>();

        string path = await store.FetchAsync("liqe", new Immediate(progress.Add));

        Assert.Equal(server.Files[Liqe], File.ReadAllBytes(path));
        Assert.Equal(path, store.Require("liqe"));
        Assert.Equal(new TransferProgress(Liqe, 100_000, 100_000), progress[^1]);
        Assert.Null(Assert.Single(await store.VerifyAsync("liqe")).Problem);
        Assert.Equal([Liqe, Liqe + ".sha256"], Names());
        // Once it is there, nothing is asked for.
        await store.FetchAsync("liqe");
        Assert.Single(Transfers(server));
    }

    [Fact]
    public async Task An_interrupted_transfer_goes_on_where_it_ended()
    {
        await using TinyServer server = Serving(Liqe, Random(300_000));
        server.CutAfter.Enqueue(120_000);
        server.CutAfter.Enqueue(50_000);
        string path = await Store(server).FetchAsync("liqe");
        Assert.Equal(server.Files[Liqe], File.ReadAllBytes(path));
        Assert.Equal(3, Transfers(server).Length);
        Assert.EndsWith("bytes=120000-", Transfers(server)[1], StringComparison.Ordinal);
        Assert.EndsWith("bytes=170000-", Transfers(server)[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_process_goes_on_where_a_killed_one_ended()
    {
        await using TinyServer server = Serving(Liqe, Random(300_000));
        using var stop = new CancellationTokenSource();
        var killed = new ModelStore(_folder, server.Address);
        var progress = new Immediate(each =>
        {
            if (each.Done >= 150_000) stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => killed.FetchAsync("liqe", progress, stop.Token));
        Assert.Null(killed.Find("liqe"));
        long length = new FileInfo(Path.Combine(_folder, Liqe + ".part")).Length;
        Assert.InRange(length, 150_000, 299_999);

        string path = await Store(server).FetchAsync("liqe");

        Assert.Equal(server.Files[Liqe], File.ReadAllBytes(path));
        Assert.EndsWith($"bytes={length}-", Transfers(server)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_fetched_anew()
    {
        await using TinyServer server = Serving(Liqe, Random(200_000));
        server.CutAfter.Enqueue(100_000);
        byte[] changed = Random(150_000);
        server.Answered = () => server.Files[Liqe] = changed;
        Assert.Equal(changed, File.ReadAllBytes(await Store(server).FetchAsync("liqe")));
        Assert.Equal(2, Transfers(server).Length);
    }

    [Fact]
    public async Task A_mirror_without_partial_content_works_from_the_start()
    {
        await using TinyServer server = Serving(Liqe, Random(200_000));
        server.IgnoresRanges = true;
        server.CutAfter.Enqueue(100_000);
        Assert.Equal(server.Files[Liqe], File.ReadAllBytes(await Store(server).FetchAsync("liqe")));
    }

    [Fact]
    public async Task A_mirror_that_falls_silent_is_asked_again()
    {
        await using TinyServer server = Serving(Liqe, Random(1000));
        server.Silences = 1;
        var store = new ModelStore(_folder, server.Address)
        {
            Patience = TimeSpan.FromSeconds(1),
            Pause = TimeSpan.FromSeconds(3),
        };
        Assert.Equal(server.Files[Liqe], File.ReadAllBytes(await store.FetchAsync("liqe")));
    }

    [Fact]
    public async Task A_file_with_the_wrong_hash_is_not_kept()
    {
        await using TinyServer server = Serving("alexnet-owt-4df8aa71.pth", Random(1000));
        var error = await Assert.ThrowsAsync<ModelStoreException>(() => Store(server).FetchAsync("lpips-alex"));
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Names());
    }

    [Fact]
    public async Task A_file_of_the_wrong_length_is_not_kept()
    {
        await using TinyServer server = Serving(Alex, Random(1000));
        var error = await Assert.ThrowsAsync<ModelStoreException>(() => Store(server).FetchAsync("lpips-alex"));
        Assert.Equal($"{Alex}: 1000 bytes long instead of 244408911; nothing was kept", error.Message);
        Assert.Empty(Names());
    }

    [Fact]
    public async Task What_the_mirror_does_not_have_is_said_and_leaves_nothing()
    {
        await using TinyServer server = Serving("other", []);
        var error = await Assert.ThrowsAsync<ModelStoreException>(() => Store(server).FetchAsync("lpips-vgg"));
        Assert.Contains("404", error.Message, StringComparison.Ordinal);
        Assert.Empty(Names());
    }

    [Fact]
    public async Task The_second_choice_is_fetched_where_the_first_is_absent()
    {
        await using TinyServer server = Serving("liqe_mix.pt", Random(1000));
        Assert.EndsWith("liqe_mix.pt", await Store(server).FetchAsync("liqe"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_is_one_line()
    {
        string address;
        await using (var server = new TinyServer()) address = server.Address;
        var store = new ModelStore(_folder, address) { Pause = TimeSpan.FromMilliseconds(1) };
        var error = await Assert.ThrowsAsync<ModelStoreException>(() => store.FetchAsync("liqe"));
        Assert.Contains(address, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        await Assert.ThrowsAsync<ModelStoreException>(() => new ModelStore(_folder, "").FetchAsync("liqe"));
    }

    [Fact]
    public async Task Shards_follow_their_index()
    {
        const string Index = "one-align/pytorch_model.bin.index.json";
        await using TinyServer server = Serving(
            Index, """{"weight_map":{"a":"part-1.bin","b":"part-2.bin","c":"part-1.bin"}}"""u8.ToArray());
        server.Files["one-align/part-1.bin"] = Random(5000);
        server.Files["one-align/part-2.bin"] = Random(6000);
        ModelStore store = Store(server);

        Assert.Equal(Path.Combine(_folder, Index), await store.FetchAsync("q-align"));

        Assert.Equal(
            server.Files["one-align/part-2.bin"], File.ReadAllBytes(Path.Combine(_folder, "one-align/part-2.bin")));
        Assert.Equal(3, (await store.VerifyAsync("q-align")).Count);
        File.Delete(Path.Combine(_folder, "one-align/part-1.bin"));
        Assert.Null(store.Find("q-align"));
        var error = Assert.Throws<ModelStoreException>(() => store.Require("q-align"));
        Assert.EndsWith("its shard part-1.bin is missing", error.Message, StringComparison.Ordinal);
        // Only what is missing comes again.
        await store.FetchAsync("q-align");
        Assert.NotNull(store.Find("q-align"));
    }

    [Fact]
    public async Task An_index_cannot_write_outside_the_store()
    {
        await using TinyServer server = Serving(
            "one-align/pytorch_model.bin.index.json", """{"weight_map":{"a":"../../evil.bin"}}"""u8.ToArray());
        server.Files["one-align/../../evil.bin"] = Random(10);
        await Assert.ThrowsAsync<ModelStoreException>(() => Store(server).FetchAsync("q-align"));
        Assert.Null(new ModelStore(_folder).Find("q-align"));
    }

    [Fact]
    public async Task A_folder_is_a_mirror_too_and_later_damage_is_found()
    {
        string mirror = Directory.CreateTempSubdirectory("llicm-mirror").FullName;
        File.WriteAllBytes(Path.Combine(mirror, Liqe), Random(5000));
        var store = new ModelStore(_folder, mirror);
        string path = await store.FetchAsync("liqe");
        byte[] bytes = File.ReadAllBytes(path);
        Assert.Null(Assert.Single(await store.VerifyAsync("liqe")).Problem);
        bytes[4000] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains(
            "when it came", Assert.Single(await store.VerifyAsync("liqe")).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_imported_by_their_names_and_others_refused()
    {
        string source = Directory.CreateTempSubdirectory("llicm-import").FullName;
        File.WriteAllBytes(Path.Combine(source, "liqe_koniq.pt"), Random(10));
        File.WriteAllText(
            Path.Combine(source, "model.safetensors.index.json"), """{"weight_map":{"a":"s.safetensors"}}""");
        File.WriteAllBytes(Path.Combine(source, "s.safetensors"), Random(20));
        var store = new ModelStore(_folder);

        IReadOnlyList<PublishedModel> imported = await store.ImportAsync(source);

        Assert.Equal(["liqe-koniq", "q-align"], imported.Select(model => model.Id));
        Assert.NotNull(store.Find("liqe-koniq"));
        Assert.NotNull(store.Find("q-align"));
        File.WriteAllBytes(Path.Combine(source, "strange.bin"), Random(10));
        await Assert.ThrowsAsync<ModelStoreException>(() => store.ImportAsync(Path.Combine(source, "strange.bin")));
    }

    [FixtureFact("iqa", "lpips.json")]
    public async Task The_genuine_weights_have_their_published_length_and_hash()
    {
        var store = new ModelStore(_folder);
        await store.ImportAsync(GenuineWeights.SqueezeNet());
        Assert.Null(Assert.Single(await store.VerifyAsync("lpips-squeeze")).Problem);
        using Lpips lpips = Lpips.Load(LpipsNetwork.Squeeze, store.Require("lpips-squeeze"));
    }

    [Fact]
    public async Task A_hash_that_the_mirror_offers_is_checked()
    {
        byte[] content = Random(1000);
        await using TinyServer server = Serving(Liqe, content);
        server.Files[Liqe + ".sha256"] = Encoding.ASCII.GetBytes(new string('0', 64) + "  LIQE.pt\n");
        var error = await Assert.ThrowsAsync<ModelStoreException>(() => Store(server).FetchAsync("liqe"));
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
        Assert.Empty(Names());

        string hash = Convert.ToHexStringLower(SHA256.HashData(content));
        server.Files[Liqe + ".sha256"] = Encoding.ASCII.GetBytes(hash + "  LIQE.pt\n");
        await Store(server).FetchAsync("liqe");
        Assert.Equal(hash, new ModelStore(_folder).Status(PublishedModel.Get("liqe")).Sha256);
    }

    [Fact]
    public async Task What_may_lie_beside_a_model_comes_with_it_and_is_checked()
    {
        await using TinyServer server = Serving("one-align/pytorch_model.bin.index.json", """{"weight_map":{}}"""u8.ToArray());
        await Store(server).FetchAsync("q-align");
        server.Files["one-align/tokenizer.model"] = Random(1000);
        var error = await Assert.ThrowsAsync<ModelStoreException>(() => Store(server).FetchAsync("q-align"));
        Assert.Contains("tokenizer.model: 1000 bytes long instead of 499723", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tokenizer.model", Names());
    }

    // What was asked for, without the hashes that the mirror might offer.
    private static string[] Transfers(TinyServer server) =>
        [.. server.Requests.Where(request => !request.EndsWith(".sha256", StringComparison.Ordinal)
            && !request.Contains("tokenizer", StringComparison.Ordinal))];

    private static TinyServer Serving(string name, byte[] content) => new() { Files = { [name] = content } };

    private static byte[] Random(int count) => RandomNumberGenerator.GetBytes(count);

    private ModelStore Store(TinyServer server) =>
        new(_folder, server.Address) { Pause = TimeSpan.FromMilliseconds(1) };

    private string[] Names() =>
        [.. Directory.GetFiles(_folder, "*", SearchOption.AllDirectories)
            .Select(each => Path.GetFileName(each)).Order()];

    private sealed class Immediate(Action<TransferProgress> action) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => action(value);
    }
}
