using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using LlIcm.Imaging;
using LlIcm.Training.Bundles;
using LlIcm.Training.Data;
using LlIcm.Training.Tests.Data;

namespace LlIcm.Training.Tests.Bundles;

public class TrainingBundleTests
{
    [Fact]
    public void ABundleHoldsProgramSourceRecipeAndData()
    {
        using TemporaryFolder folder = Folder();
        string archive = Assert.Single(TrainingBundle.Write(Options(folder, "bundle.tar.gz")));
        Dictionary<string, (byte[] Content, UnixFileMode Mode)> entries = Read(File.ReadAllBytes(archive));
        string[] expected =
        [
            "data/0/a.png", "data/0/deep/b.png", "data/1/derain/input/c.png", "data/1/derain/target/c.png",
            "native/CMakeLists.txt", "native/bridge.cpp", "program/LlIcm.Cli", "program/libcoreclr.so", "recipe.yaml", "train.sh",
        ];
        Assert.Equal(expected.Select(name => "llicm-training/" + name), entries.Keys.Order(StringComparer.Ordinal));
        Assert.True(entries["llicm-training/train.sh"].Mode.HasFlag(UnixFileMode.UserExecute));
        Assert.True(entries["llicm-training/program/LlIcm.Cli"].Mode.HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(8, PictureFile.Load(entries["llicm-training/data/0/a.png"].Content, "a.png").Width);

        // Unpacked, the recipe finds its data.
        string unpacked = Path.Combine(folder.Path, "unpacked");
        foreach ((string name, (byte[] content, _)) in entries)
        {
            string path = Path.Combine(unpacked, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
        string root = Path.Combine(unpacked, "llicm-training");
        PreviewRecipe recipe = RecipeFile.LoadPart<PreviewRecipe>(Path.Combine(root, "recipe.yaml"), null, "crop", "data");
        Assert.Equal((48, null), (recipe.Crop, recipe.Data!.Cache));
        Assert.Equal(["data/0", "data/1"], recipe.Data.Sources.Select(source => source.Path));
        Assert.Equal(3, recipe.Data.Sources[0].Weight);
        Assert.All(recipe.Data.Sources, source => PictureSets.Open(source with { Path = Path.Combine(root, source.Path) }));
        string script = File.ReadAllText(Path.Combine(root, "train.sh"));
        Assert.Contains("train codec --recipe", script, StringComparison.Ordinal);
        Assert.DoesNotContain("@ARGUMENTS@", script, StringComparison.Ordinal);
        using Process shell = Process.Start("sh", ["-n", Path.Combine(root, "train.sh")]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    [Fact]
    public void PartsJoinToTheArchive()
    {
        using TemporaryFolder folder = Folder();
        BundleOptions options = Options(folder, "bundle.tar.gz");
        byte[] whole = File.ReadAllBytes(TrainingBundle.Write(options)[0]);
        IReadOnlyList<string> parts = TrainingBundle.Write(options with { Output = Path.Combine(folder.Path, "p.tar.gz"), PartLength = 1000 });
        Assert.True(parts.Count > 2);
        Assert.All(parts.SkipLast(1), part => Assert.Equal(1000, new FileInfo(part).Length));
        Assert.Equal(Read(whole).Keys, Read([.. parts.SelectMany(File.ReadAllBytes)]).Keys);
        Assert.Equal("p.tar.gz.000", Path.GetFileName(parts[0]));
    }

    [Fact]
    public void AFailureLeavesNothingBehind()
    {
        using TemporaryFolder folder = Folder();
        string output = Path.Combine(folder.Path, "out");
        BundleOptions options = Options(folder, "out/bundle.tar.gz");
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => TrainingBundle.Write(options, stop.Token));
        Assert.Empty(Directory.GetFiles(output));
        Assert.Contains("zip", Assert.Throws<TrainingException>(() => TrainingBundle.Write(options with { Output = Path.Combine(output, "a.zip") })).Message);
        Assert.Contains("self-contained", Assert.Throws<TrainingException>(() => TrainingBundle.Write(options with { Program = folder.Path })).Message);
        Assert.Empty(Directory.GetFiles(output));
    }

    private static TemporaryFolder Folder()
    {
        TemporaryFolder folder = new();
        folder.Touch("program/LlIcm.Cli", "program/libcoreclr.so", "program/LlIcm.pdb", "native/CMakeLists.txt", "native/bridge.cpp", "native/notes.txt");
        var random = new Random(1);
        foreach (string name in (string[])["photos/a.png", "photos/deep/b.jpg", "derain/input/c.png", "derain/target/c.png"])
        {
            string path = Path.Combine(folder.Path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            byte[] rgb = new byte[3 * 8 * 8];
            random.NextBytes(rgb);
            File.WriteAllBytes(path, PictureFile.Encode(new Picture(8, 8, rgb), name.EndsWith("jpg", StringComparison.Ordinal) ? PictureFormat.Jpeg : PictureFormat.Png));
        }
        return folder;
    }

    private static BundleOptions Options(TemporaryFolder folder, string output)
    {
        string text = $$"""
            crop: 48
            data:
              cache: /somewhere
              sources:
                - { kind: photos, path: {{folder.Path}}/photos, weight: 3 }
                - { kind: pairs, path: {{folder.Path}}/derain }
            """;
        return new BundleOptions
        {
            Stage = "codec",
            Output = Path.Combine(folder.Path, output),
            Recipe = text,
            Data = RecipeFile.PartOf<PreviewRecipe>(text, "recipe", "data").Data!,
            Program = Path.Combine(folder.Path, "program"),
            Native = Path.Combine(folder.Path, "native"),
        };
    }

    private static Dictionary<string, (byte[] Content, UnixFileMode Mode)> Read(byte[] archive)
    {
        using var tar = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
        var entries = new Dictionary<string, (byte[], UnixFileMode)>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            entries[entry.Name] = (content.ToArray(), entry.Mode);
        }
        return entries;
    }
}
