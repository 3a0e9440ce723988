using LlIcm.Benchmark.Reports;
using LlIcm.Benchmark.Sweeps;
using LlIcm.Imaging;

namespace LlIcm.Benchmark.Tests;

/// <summary>A folder with small pictures and a configuration; deleted at the end.</summary>
public sealed class SweepFolder : IDisposable
{
    public const string Config = """
        title: Sample <b>sweep</b>
        anchor: webp
        sets:
          - {name: plain, folder: clean}
          - {name: derain, task: derain, folder: derain, input: "input/{name}.png", target: "target/{name}.png"}
          - {name: holes, task: inpaint, folder: clean, target: "{name}.png", mask: "../masks/*.png"}
          - {name: noise, task: denoise, folder: clean, noise: 20}
        codecs:
          - {name: webp, settings: [5, 40, 95]}
          - {name: jpeg, chroma: 444, settings: [10, 50, 95]}
        restorers:
          - {name: bilateral}
          - {name: telea}
        before: [bilateral]
        metrics: [psnr, ssim]
        speed_pictures: 0
        crop_side: 32
        """;

    public SweepFolder()
    {
        for (int i = 1; i <= 3; i++)
        {
            Save($"derain/input/{i}.png", Pattern(64, 48, 40 * i, streaks: true));
            Save($"derain/target/{i}.png", Pattern(64, 48, 40 * i));
        }
        Save("clean/a.png", Pattern(56, 48, 10));
        // A name that a careless page would take for markup.
        Save(OperatingSystem.IsWindows() ? "clean/b.png" : "clean/<img src=x onerror=alert(1)>.png", Pattern(56, 48, 90));
        byte[] mask = new byte[3 * 56 * 48];
        Array.Fill(mask, (byte)255);
        mask.AsSpan(3 * 56 * 20, 3 * 56 * 4).Clear();
        // Below the set's own folder, as masks of a set are.
        Save("clean/masks/0.png", new Picture(56, 48, mask));
        Write(Config.Replace("../masks", "masks", StringComparison.Ordinal));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("llicm sweep ").FullName;

    public string ConfigPath => At("sweep.yaml");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public string At(string name) => Path.Combine(Root, name);

    public void Write(string config) => File.WriteAllText(ConfigPath, config);

    public void Save(string name, Picture picture)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        PictureFile.Save(picture, At(name));
    }

    /// <summary>Runs the sweep into a folder; gives the number of cells that were computed.</summary>
    public (int Computed, int Failed, BenchmarkResults Results) Run(string folder = "out", int shard = 1, int shards = 1, CancellationToken cancellation = default)
    {
        using BenchmarkSetup setup = BenchmarkSetup.Open(ConfigPath, "llicm test");
        var store = new CellStore(At(folder));
        setup.Plan.Write(At(folder));
        var runner = new BenchmarkRunner(setup, store);
        runner.Run(shard, shards, null, cancellation);
        return (runner.Computed, runner.Failed, new BenchmarkResults(setup.Plan, store));
    }

    /// <summary>Ramps and waves, and streaks on request.</summary>
    public static Picture Pattern(int width, int height, int seed, bool streaks = false)
    {
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = 3 * (y * width + x);
                rgb[at] = (byte)(60 + 2 * x + seed % 50);
                rgb[at + 1] = (byte)(40 + 3 * y);
                rgb[at + 2] = (byte)(90 + 60 * Math.Sin((x + seed) / 5.0) * Math.Cos(y / 6.0) + seed % 60);
                if (streaks && (x + 2 * y + seed) % 11 == 0) rgb.AsSpan(at, 3).Fill(250);
            }
        }
        return new Picture(width, height, rgb);
    }
}
