using LlIcm.Imaging;

namespace LlIcm.Quality;

/// <summary>A metric that is ready to measure.</summary>
public sealed class QualityMetric
{
    private const int QAlignBatch = 4;
    private const string FiveSteps = "1–5";

    private static readonly Dictionary<string, string> s_otherNames = new(StringComparer.Ordinal)
    {
        ["lpips"] = "lpips-squeeze",
        ["qalign"] = "q-align",
        ["q-align-quality"] = "q-align",
        ["qalign-quality"] = "q-align",
        ["qalign-aesthetics"] = "q-align-aesthetics",
    };

    private static readonly (MetricInfo Info, Func<MetricModels, QualityMetric> Open)[] s_catalogue =
    [
        Pixels("psnr", "PSNR of the mean squared error over R, G and B", "dB", (a, b) => FullReference.Psnr(a, b)),
        Pixels("psnr-y", "PSNR of BT.601 luma", "dB", (a, b) => FullReference.Psnr(a, b, PsnrConvention.Luma)),
        Pixels("psnr-pyiqa", "PSNR as IQA-PyTorch computes it", "dB",
            (a, b) => FullReference.Psnr(a, b, PsnrConvention.PyIqaRgb)),
        Pixels("ssim", "SSIM on RGB (pytorch_msssim)", "", (a, b) => FullReference.Ssim(a, b)),
        Pixels("ssim-pyiqa", "SSIM on luma (IQA-PyTorch)", "",
            (a, b) => FullReference.Ssim(a, b, SsimConvention.PyIqaLuma)),
        Pixels("ms-ssim", "MS-SSIM on RGB (pytorch_msssim)", "", (a, b) => FullReference.MsSsim(a, b)),
        Pixels("ms-ssim-db", "MS-SSIM on RGB in decibels", "dB",
            (a, b) => FullReference.MsSsimDecibels(FullReference.MsSsim(a, b))),
        Pixels("ms-ssim-pyiqa", "MS-SSIM on luma (IQA-PyTorch)", "",
            (a, b) => FullReference.MsSsim(a, b, SsimConvention.PyIqaLuma)),
        Perceptual("lpips-alex", LpipsNetwork.Alex),
        Perceptual("lpips-vgg", LpipsNetwork.Vgg),
        Perceptual("lpips-squeeze", LpipsNetwork.Squeeze),
        Blind("liqe", "LIQE, 1 (bad) to 5 (perfect), with scene and distortion", LiqePrompts.All, LiqeVariant.Demo),
        Blind("liqe-koniq", "LIQE tuned on KonIQ-10k (IQA-PyTorch), 1 to 5",
            LiqePrompts.QualityOnly, LiqeVariant.PyIqa),
        Asked("q-align", "Q-Align, quality, 1 (bad) to 5 (excellent)", QAlignTask.Quality),
        Asked("q-align-aesthetics", "Q-Align, aesthetics, 1 (bad) to 5 (excellent)", QAlignTask.Aesthetics),
    ];

    private readonly Func<IReadOnlyList<PicturePair>, IProgress<double>?, IReadOnlyList<QualityValue>> _measure;

    private QualityMetric(
        MetricInfo info, Func<IReadOnlyList<PicturePair>, IProgress<double>?, IReadOnlyList<QualityValue>> measure,
        int batch = 1) => (Info, _measure, BatchSize) = (info, measure, batch);

    /// <summary>Every metric there is.</summary>
    public static IReadOnlyList<MetricInfo> All { get; } = [.. s_catalogue.Select(each => each.Info)];

    /// <summary>What it is.</summary>
    public MetricInfo Info { get; }

    /// <summary>How many pictures at a time it likes to be given.</summary>
    public int BatchSize { get; }

    /// <summary>The metric of a name.</summary>
    /// <param name="name">
    /// One of the names in <see cref="All"/>; <c>lpips</c> stands for <c>lpips-squeeze</c>, <c>qalign</c> for <c>q-align</c>.
    /// </param>
    /// <exception cref="QualityException">There is no such metric.</exception>
    public static MetricInfo Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string own = s_otherNames.GetValueOrDefault(name, name);
        return All.FirstOrDefault(each => each.Name == own)
            ?? throw new QualityException($"no metric '{name}'; there are {string.Join(", ", All.Select(each => each.Name))}");
    }

    /// <summary>Makes a metric ready.</summary>
    internal static QualityMetric Open(MetricInfo info, MetricModels models) =>
        s_catalogue.First(each => each.Info == info).Open(models);

    /// <summary>Measures pictures, several at a time where that is faster.</summary>
    /// <param name="pairs">The pictures.</param>
    /// <param name="progress">Receives the share done, 0 … 1.</param>
    /// <returns>A value for each; what cannot be measured is a problem in the value, not an exception.</returns>
    public IReadOnlyList<QualityValue> Measure(IReadOnlyList<PicturePair> pairs, IProgress<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return [.. pairs.Chunk(BatchSize).SelectMany(some => MeasureSome(some, progress))];
    }

    private IReadOnlyList<QualityValue> MeasureSome(PicturePair[] pairs, IProgress<double>? progress)
    {
        try
        {
            return _measure(pairs, progress);
        }
        catch (QualityException) when (pairs.Length > 1)
        {
            return [.. pairs.SelectMany(pair => MeasureSome([pair], progress))];
        }
        catch (QualityException error)
        {
            return [new QualityValue(null, null, error.Message)];
        }
    }

    private static (MetricInfo, Func<MetricModels, QualityMetric>) Pixels(
        string name, string description, string unit, Func<Picture, Picture, double> compute)
    {
        var info = new MetricInfo(name, description, unit, false, true, null);
        return (info, _ => new QualityMetric(info, Each((reference, distorted) =>
            new QualityValue(compute(reference, distorted)))));
    }

    private static (MetricInfo, Func<MetricModels, QualityMetric>) Perceptual(string name, LpipsNetwork network)
    {
        var info = new MetricInfo(name, $"LPIPS 0.1 with {network} features", "", true, true, name);
        return (info, models =>
        {
            Lpips model = models.Get(name, path => Lpips.Load(network, path));
            return new QualityMetric(info, Each((reference, distorted) =>
                new QualityValue(model.Distance(reference, distorted))));
        }
        );
    }

    private static (MetricInfo, Func<MetricModels, QualityMetric>) Blind(
        string name, string description, LiqePrompts prompts, LiqeVariant variant)
    {
        var info = new MetricInfo(name, description, FiveSteps, false, false, name);
        return (info, models =>
        {
            Liqe model = models.Get(name, path => Liqe.Load(path, prompts));
            return new QualityMetric(info, (pairs, _) => [.. pairs.Select(pair => Value(model.Score(pair.Distorted, variant)))]);
        }
        );
    }

    private static (MetricInfo, Func<MetricModels, QualityMetric>) Asked(
        string name, string description, QAlignTask task)
    {
        const string Weights = "q-align";
        var info = new MetricInfo(name, description, FiveSteps, false, false, Weights);
        return (info, models =>
        {
            QAlign model = models.Get(Weights, path => QAlign.Load(path));
            return new QualityMetric(info, (pairs, progress) =>
                [.. model.Score([.. pairs.Select(pair => pair.Distorted)], task, progress).Select(Value)], QAlignBatch);
        }
        );
    }

    private static QualityValue Value(LiqeResult result)
    {
        List<QualityPart> parts = [new("0_1", result.UnitScore), new("quality", null, result.LikelyQuality)];
        if (result.LikelyScene is { } scene && result.LikelyDistortion is { } distortion)
        {
            parts.Add(new("scene", null, scene));
            parts.Add(new("scene_probability", result.Scene.Max()));
            parts.Add(new("distortion", null, distortion));
            parts.Add(new("distortion_probability", result.Distortion.Max()));
            return new QualityValue(result.Score, $"{result.LikelyQuality}; {scene}; {distortion}") { Parts = parts };
        }
        return new QualityValue(result.Score, result.LikelyQuality) { Parts = parts };
    }

    private static QualityValue Value(QAlignResult result) => new(result.Score)
    {
        Parts =
        [
            new("0_1", result.UnitScore),
            .. QAlignResult.LevelNames.Zip(result.Levels, (name, probability) => new QualityPart(name, probability)),
        ],
    };

    private static Func<IReadOnlyList<PicturePair>, IProgress<double>?, IReadOnlyList<QualityValue>> Each(
        Func<Picture, Picture, QualityValue> measure) => (pairs, _) => [.. pairs.Select(pair => measure(
            pair.Reference ?? throw new QualityException("the metric needs the original"), pair.Distorted))];
}
