using LlIcm.Training;

namespace LlIcm.Benchmark.Configuration;

/// <summary>What a sweep measures: sets of pictures × codecs at their settings × restorers × metrics. docs/benchmark.md describes the file.</summary>
public sealed record BenchmarkConfig
{
    /// <summary>The report's title.</summary>
    public string Title { get; init; } = "LL-ICM benchmark";

    /// <summary>The codec's name that Bjøntegaard deltas are taken against, its pictures unrestored or, with <c>codec|restorer</c>, restored; null: the first codec.</summary>
    public string? Anchor { get; init; }

    /// <summary>The pictures.</summary>
    public IList<SetConfig> Sets { get; init; } = [];

    /// <summary>The codecs.</summary>
    public IList<CodecConfig> Codecs { get; init; } = [];

    /// <summary>What restores decoded pictures; decoded pictures themselves are always measured.</summary>
    public IList<RestorerConfig> Restorers { get; init; } = [];

    /// <summary>Names of restorers, of <see cref="Restorers"/>, that also work before the codec: for a sender who has the power.</summary>
    public IList<string> Before { get; init; } = [];

    /// <summary>The metrics, by name.</summary>
    public IList<string> Metrics { get; init; } = ["psnr", "ssim", "lpips"];

    /// <summary>Seconds that one call of a program may take.</summary>
    public double TimeLimit { get; init; } = 1800;

    /// <summary>Pictures of the first set on which the codecs' speed is measured, one after the other on one thread; 0: none.</summary>
    public int SpeedPictures { get; init; } = 1;

    /// <summary>Side in pixels of the crops that the report shows of each set; 0: none.</summary>
    public int CropSide { get; init; } = 128;

    /// <summary>A JSON file of rate–distortion points that others published, drawn beside the measured ones; null: none.</summary>
    public string? Published { get; init; }

    /// <summary>Reads and checks a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TrainingException">It is missing, has an unknown key, or a value that makes no sense; the message names it.</exception>
    public static BenchmarkConfig Load(string path)
    {
        BenchmarkConfig config = RecipeFile.Load<BenchmarkConfig>(path);
        void Require(bool good, string message)
        {
            if (!good) throw new TrainingException($"{path}: {message}");
        }
        void Unique(string list, IEnumerable<string> names)
        {
            foreach (IGrouping<string, string> each in names.GroupBy(name => name, StringComparer.Ordinal))
            {
                Require(each.Key.Length > 0, $"{list}: an entry has no name");
                Require(each.Key.IndexOfAny(['|', '>']) < 0, $"{list}: '{each.Key}': a name has no | and no >");
                Require(each.Count() == 1, $"{list}: '{each.Key}' is there twice");
            }
        }
        Require(config.Sets.Count > 0, "sets: there is none");
        Require(config.Codecs.Count > 0, "codecs: there is none");
        Require(config.Metrics.Count > 0, "metrics: there is none");
        Require(config.TimeLimit is > 0 and <= 1e6, "time_limit must be above 0 seconds");
        Require(config.SpeedPictures >= 0, "speed_pictures must not be negative");
        Require(config.CropSide is 0 or (>= 16 and <= 512), "crop_side must be 0, or 16 to 512");
        Unique("sets", config.Sets.Select(each => each.Name));
        Unique("codecs", config.Codecs.Select(each => each.Name));
        Unique("restorers", config.Restorers.Select(each => each.Name));
        foreach (SetConfig set in config.Sets) Require(set.Problem is null, $"sets: '{set.Name}': {set.Problem}");
        foreach (CodecConfig codec in config.Codecs) Require(codec.Problem is null, $"codecs: '{codec.Name}': {codec.Problem}");
        foreach (RestorerConfig restorer in config.Restorers) Require(restorer.Problem is null, $"restorers: '{restorer.Name}': {restorer.Problem}");
        foreach (string name in config.Before)
            Require(config.Restorers.Any(each => each.Name == name), $"before: there is no restorer '{name}'");
        foreach (string name in config.Metrics)
        {
            try
            {
                Quality.QualityMetric.Find(name);
            }
            catch (Quality.QualityException error)
            {
                throw new TrainingException($"{path}: metrics: {error.Message}", error);
            }
        }
        string[] anchor = (config.Anchor ?? config.Codecs[0].Name).Split('|');
        Require(config.Codecs.Any(each => each.Name == anchor[0]), $"anchor: there is no codec '{anchor[0]}'");
        Require(anchor.Length == 1 || (anchor.Length == 2 && config.Restorers.Any(each => each.Name == anchor[1])), $"anchor: '{config.Anchor}' is no codec, and no codec|restorer");
        return config;
    }
}
