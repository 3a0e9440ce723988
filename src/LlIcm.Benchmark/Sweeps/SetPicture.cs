using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LlIcm.Benchmark.Configuration;
using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Benchmark.Sweeps;

/// <summary>One picture of a set: its files, and what is done to it first.</summary>
public sealed record SetPicture
{
    private const byte Kept = 128;

    /// <summary>The name in the report: what its files have in common.</summary>
    public required string Name { get; init; }

    /// <summary>The clean picture.</summary>
    public required string Target { get; init; }

    /// <summary>The degraded picture; null: made of the clean one.</summary>
    public string? Input { get; init; }

    /// <summary>Where pixels are missing; null: nowhere.</summary>
    public string? Mask { get; init; }

    /// <summary>Deviation of the noise that is added.</summary>
    public double? Noise { get; init; }

    /// <summary>Its place in the set, of which the noise is drawn.</summary>
    public required int Index { get; init; }

    /// <summary>A hash of all that its pixels depend on.</summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    public string Hash()
    {
        var text = new StringBuilder();
        foreach (string? path in new[] { Target, Input, Mask })
        {
            text.Append('|');
            if (path is null) continue;
            using FileStream file = File.OpenRead(path);
            text.Append(Convert.ToHexStringLower(SHA256.HashData(file)));
        }
        if (Noise is { } sigma) text.Append(CultureInfo.InvariantCulture, $"|noise {sigma} {Index}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text.ToString())));
    }

    /// <summary>Reads the files: what is coded, which pixels of it are missing, and what it should be.</summary>
    /// <exception cref="PictureException">A file is no picture.</exception>
    /// <exception cref="BenchmarkException">Sizes differ.</exception>
    public (Picture Input, Picture? Mask, Picture Target) Load()
    {
        Picture target = PictureFile.Load(Target);
        Picture? mask = Mask is null ? null : Same(PictureFile.Load(Mask), target, Mask);
        if (Input is not null) return (Same(PictureFile.Load(Input), target, Input), mask, target);
        Picture input = Noise is { } sigma ? WithNoise(target, sigma, Index) : target;
        return (mask is null ? input : Painted(input, mask), mask, target);
    }

    /// <summary>Adds noise as denoising papers do: independent for every value, rounded and clipped to 8 bits; the same in every run.</summary>
    /// <param name="clean">The picture.</param>
    /// <param name="sigma">Standard deviation, of 255.</param>
    /// <param name="seed">Of the noise.</param>
    public static Picture WithNoise(Picture clean, double sigma, int seed)
    {
        ArgumentNullException.ThrowIfNull(clean);
        float[] noise = new float[clean.Rgb.Length];
        new Xoshiro256((ulong)seed).FillNormal(noise);
        byte[] rgb = [.. clean.Rgb.Select((value, at) => (byte)Math.Clamp(Math.Round(value + sigma * noise[at]), 0, 255))];
        return new Picture(clean.Width, clean.Height, rgb);
    }

    // Missing pixels are white, as RePaint's masks leave them.
    private static Picture Painted(Picture picture, Picture mask)
    {
        byte[] rgb = [.. picture.Rgb.Select((value, at) => mask.Rgb[at] < Kept ? (byte)255 : value)];
        return new Picture(picture.Width, picture.Height, rgb);
    }

    private Picture Same(Picture picture, Picture target, string path) => (picture.Width, picture.Height) == (target.Width, target.Height) ? picture
        : throw new BenchmarkException($"{Path.GetFileName(path)} has {picture.Width}x{picture.Height} pixels, {Path.GetFileName(Target)} {target.Width}x{target.Height}");

    /// <summary>Finds the pictures of a set, by name.</summary>
    /// <param name="config">The set.</param>
    /// <param name="root">The folder that relative paths start from.</param>
    /// <exception cref="BenchmarkException">The folder is missing, or holds no such pictures.</exception>
    public static IReadOnlyList<SetPicture> Find(SetConfig config, string root)
    {
        ArgumentNullException.ThrowIfNull(config);
        string folder = Path.GetFullPath(Path.Combine(root, Places.Expand(config.Folder)));
        if (!Directory.Exists(folder)) throw new BenchmarkException($"there is no folder {config.Folder}");
        Dictionary<string, string> targets = Places.Match(folder, config.Target);
        if (targets.Count == 0) throw new BenchmarkException($"{config.Folder} holds no {config.Target}");
        Dictionary<string, string>? inputs = config.Input is null ? null : Places.Match(folder, config.Input);
        bool inTurn = config.Mask is { } pattern && !pattern.Contains("{name}", StringComparison.Ordinal);
        Dictionary<string, string>? masks = config.Mask is null ? null : Places.Match(folder, inTurn ? config.Mask.Replace("*", "{name}", StringComparison.Ordinal) : config.Mask);
        if (masks is { Count: 0 }) throw new BenchmarkException($"{config.Folder} holds no {config.Mask}");
        string[] turn = [.. (masks ?? []).OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => each.Value)];
        var found = new List<SetPicture>();
        foreach (string name in (inputs ?? targets).Keys.Order(StringComparer.Ordinal).Take(config.Limit ?? int.MaxValue))
        {
            if (!targets.TryGetValue(name, out string? target)) throw new BenchmarkException($"{config.Folder} holds no {config.Target} for '{name}'");
            string? mask = masks is null ? null : inTurn ? turn[found.Count % turn.Length]
                : masks.GetValueOrDefault(name) ?? throw new BenchmarkException($"{config.Folder} holds no {config.Mask} for '{name}'");
            found.Add(new SetPicture { Name = name, Target = target, Input = inputs?[name], Mask = mask, Noise = config.Noise, Index = found.Count });
        }
        return found.Count > 0 ? found : throw new BenchmarkException($"{config.Folder} holds no {config.Input}");
    }
}
