namespace LlIcm.Training.Degradations;

/// <summary>
/// Degrades pictures by a kind drawn by weight, with a severity and parameters drawn from the options' ranges. What
/// comes out
/// is a function of the picture and the generator's state alone. Safe for use by several threads at once.
/// </summary>
public sealed class DegradationSampler
{
    private readonly DegradationOptions _options;
    private readonly DegradationModel[] _degradations;
    private readonly float[] _cumulative;

    /// <summary>Makes a sampler.</summary>
    /// <exception cref="ArgumentException">A weight is negative or not finite, all are 0, or the severity leaves
    /// 0–1.</exception>
    public DegradationSampler(DegradationOptions? options = null)
    {
        _options = options ?? new DegradationOptions();
        _degradations =
        [
            new MotionBlur(_options.MotionBlur), new Haze(_options.Haze), new Jpeg(_options.Jpeg),
            new LowLight(_options.LowLight), new Noise(_options.Noise), new Raindrops(_options.Raindrops),
            new Rain(_options.Rain), new Shadow(_options.Shadow), new Snow(_options.Snow), new Holes(_options.Holes),
            new Clean(),
        ];
        Interval severity = _options.Severity;
        if (!(severity.Min >= 0f && severity.Min <= severity.Max && severity.Max <= 1f))
            throw new ArgumentException($"the severity's range {severity.Min}–{severity.Max} must lie within 0–1");
        _cumulative = new float[_degradations.Length];
        float sum = 0f;
        foreach (DegradationModel degradation in _degradations)
        {
            float weight = _options.Weights.GetValueOrDefault(degradation.Kind);
            if (!(weight >= 0f && float.IsFinite(weight)))
            {
                throw new ArgumentException(
                    $"the weight of {degradation.Kind.Word()} is {weight}; it must be 0 or more");
            }
            _cumulative[(int)degradation.Kind] = sum += weight;
        }
        if (sum <= 0f) throw new ArgumentException("no degradation has a weight above 0");
    }

    /// <summary>The kinds that are drawn.</summary>
    public IReadOnlyList<Degradation> Kinds =>
        [.. _degradations.Select(each => each.Kind).Where(kind => _options.Weights.GetValueOrDefault(kind) > 0f)];

    /// <summary>The range that severities are drawn from.</summary>
    public Interval Severity => _options.Severity;

    /// <summary>Degrades a picture by a kind drawn by weight.</summary>
    public DegradedSample Sample(PlanarImage clean, Xoshiro256 random)
    {
        float at = random.NextFloat() * _cumulative[^1];
        int kind = Array.FindIndex(_cumulative, upTo => at < upTo);
        // Rounding may put the draw at the very end.
        if (kind < 0) kind = Array.FindIndex(_cumulative, upTo => upTo == _cumulative[^1]);
        return Sample(clean, (Degradation)kind, random);
    }

    /// <summary>Degrades a picture by a given kind.</summary>
    public DegradedSample Sample(PlanarImage clean, Degradation kind, Xoshiro256 random) =>
        ThroughFile(Sample(clean, kind, random, random.NextFloat(_options.Severity)), random);

    /// <summary>Now and then a degraded picture went through a JPEG file; see <see cref="DegradationOptions.FileLossChance"/>.</summary>
    /// <param name="sample">The sample, changed in place.</param>
    /// <param name="random">Draws whether, and the quality.</param>
    public DegradedSample ThroughFile(DegradedSample sample, Xoshiro256 random)
    {
        // A mask would no longer tell what is missing, a clean picture would not be clean.
        bool compressible = sample.Kind is not (
            Degradation.Clean or Degradation.JpegCompressed or Degradation.Uncompleted);
        if (compressible && random.Chance(_options.FileLossChance))
        {
            int quality = Math.Clamp((int)random.NextFloat(_options.FileQuality), 1, 100);
            Jpeg.Compress(sample.Degraded, quality);
            sample.Degraded.Quantise();
        }
        return sample;
    }

    /// <summary>Degrades a picture by a given kind, as mildly (0) or heavily (1) as told.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The severity is outside 0–1.</exception>
    public DegradedSample Sample(PlanarImage clean, Degradation kind, Xoshiro256 random, float severity) =>
        _degradations[(int)kind].Apply(clean, random, severity);
}
