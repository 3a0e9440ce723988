using LlIcm.Benchmark.Sweeps;
using LlIcm.Cli.Files;
using LlIcm.Imaging;
using LlIcm.Training.Degradations;

namespace LlIcm.Cli.Commands;

/// <summary>Degraded pictures, their masks (or null) and targets, of which a restorer's results are measured.</summary>
/// <param name="Name">What reports call the set.</param>
/// <param name="Degradation">What is to be repaired; null if unknown.</param>
/// <param name="Pairs">The pictures.</param>
internal sealed record RestorationPairs(
    string Name, Degradation? Degradation, IReadOnlyList<(Picture Degraded, Picture? Mask, Picture Clean)> Pairs)
{
    /// <summary>Reads <c>input/</c>, <c>target/</c> and perhaps <c>mask/</c>; the folder's name may be a task.</summary>
    /// <exception cref="CliException">Folders or targets are missing, or sizes differ.</exception>
    public static RestorationPairs OfFolder(string folder, int? limit)
    {
        string inputs = Path.Combine(folder, "input"), targets = Path.Combine(folder, "target"), masks = Path.Combine(folder, "mask");
        if (!Directory.Exists(inputs) || !Directory.Exists(targets))
            throw new CliException(ExitCode.Input, $"{folder}: holds no input/ and target/");
        var pairs = new List<(Picture, Picture?, Picture)>();
        foreach (string input in Directory.GetFiles(inputs).Order(StringComparer.Ordinal).Take(limit ?? int.MaxValue))
        {
            string name = Path.GetFileName(input), target = Path.Combine(targets, name), mask = Path.Combine(masks, name);
            if (!File.Exists(target)) throw new CliException(ExitCode.Input, $"{target}: the pair of {input} is missing");
            (Picture degraded, Picture clean) = (PictureFile.Load(input), PictureFile.Load(target));
            if ((degraded.Width, degraded.Height) != (clean.Width, clean.Height))
                throw new CliException(
                    ExitCode.Impossible, $"{target}: has {clean.Width}x{clean.Height} pixels, {input} {degraded.Width}x{degraded.Height}");
            pairs.Add((degraded, File.Exists(mask) ? PictureFile.Load(mask) : null, clean));
        }
        if (pairs.Count == 0) throw new CliException(ExitCode.Input, $"{inputs}: is empty");
        string set = NameOf(folder);
        return new RestorationPairs(set, DegradationNames.TryParse(set, out Degradation known) && known != LlIcm.Degradation.Clean ? known : null, pairs);
    }

    /// <summary>Adds noise as denoising papers do: independent for every value, clipped to 8 bits; the same in every run.</summary>
    /// <exception cref="CliException">The folder is missing or holds no pictures.</exception>
    public static RestorationPairs WithNoise(string folder, double sigma, int? limit) => new(
        NameOf(folder), LlIcm.Degradation.Noisy, [.. Clean(folder, limit).Select((clean, i) => (SetPicture.WithNoise(clean, sigma, i), (Picture?)null, clean))]);

    /// <summary>Degrades pictures as in training, from mild to heavy; the same in every run.</summary>
    /// <exception cref="CliException">The folder is missing or holds no pictures.</exception>
    public static RestorationPairs Degraded(string folder, Degradation degradation, int? limit)
    {
        var sampler = new DegradationSampler();
        return new RestorationPairs(degradation.Task(), degradation, [.. Clean(folder, limit).Select((clean, i) =>
        {
            DegradedSample sample = sampler.Sample(
                PlanarImage.FromInterleaved(clean.Width, clean.Height, clean.Rgb), degradation, new Xoshiro256((ulong)i));
            return (new Picture(clean.Width, clean.Height, sample.Degraded.ToInterleaved()), MaskOf(sample), clean);
        })]);
    }

    private static Picture? MaskOf(DegradedSample sample)
    {
        if (sample.Mask is not { } kept) return null;
        byte[] rgb = [.. kept.SelectMany(value => Enumerable.Repeat((byte)(value > 0.5f ? 255 : 0), 3))];
        return new Picture(sample.Clean.Width, sample.Clean.Height, rgb);
    }

    private static IEnumerable<Picture> Clean(string folder, int? limit)
    {
        if (!Directory.Exists(folder)) throw new CliException(ExitCode.Input, $"{folder}: no such folder");
        string[] files = [.. InputList.Expand([folder], InputKind.Pictures).Files.Select(file => file.Path).Take(limit ?? int.MaxValue)];
        if (files.Length == 0) throw new CliException(ExitCode.Input, $"{folder}: holds no pictures");
        return files.Select(file => PictureFile.Load(file));
    }

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
}
