namespace LlIcm.Container;

/// <summary>
/// What a .llic file says about its picture. Quality and epsilon are rounded to what the file can hold as they are set:
/// an encoder must use the rounded values.
/// </summary>
public sealed record LlicHeader
{
    /// <summary>The smallest quality of a variable-rate model.</summary>
    public const double MinQuality = 1;

    /// <summary>The largest quality.</summary>
    public const double MaxQuality = 8;

    /// <summary>Quality is kept in steps of 1/256.</summary>
    internal const int QualitySteps = 256;

    /// <summary>Epsilon is kept as 2^(-code/8).</summary>
    private const int EpsilonSteps = 8;

    private readonly int _width;
    private readonly int _height;
    private readonly int _qualityCode;
    private readonly byte _epsilonCode;
    private readonly Degradation? _degradation;

    /// <summary>Width in pixels, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public required int Width
    {
        get => _width;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _width = value;
        }
    }

    /// <summary>Height in pixels, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public required int Height
    {
        get => _height;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _height = value;
        }
    }

    /// <summary>The model that wrote the file.</summary>
    public required ModelIdentity Model { get; init; }

    /// <summary>Quality 1 … 8 in steps of 1/256, or 0 for a model of one fixed rate.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Neither 0 nor within 1 … 8.</exception>
    public double Quality
    {
        get => _qualityCode / (double)QualitySteps;
        init
        {
            if (!IsValidQuality(value))
                throw new ArgumentOutOfRangeException(nameof(value), value, "quality is 0 or within 1 … 8");
            _qualityCode = (int)Math.Round(value * QualitySteps);
        }
    }

    /// <summary>
    /// The relative distance of a scale to a boundary of the scale table below which the encoder lists its decision
    /// (see <see cref="LatentSegment.BoundarySymbols"/>), 2^(-1/8) … 2^(-255/8) in steps of 9 %; 0: it lists none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, 1 or more, or too small.</exception>
    public double ScaleEpsilon
    {
        get => _epsilonCode == 0 ? 0 : Math.Pow(2, -_epsilonCode / (double)EpsilonSteps);
        init
        {
            double code = value == 0 ? 0 : Math.Round(-Math.Log2(value) * EpsilonSteps);
            if (!(value >= 0 && code is >= 0 and <= 255 && (code > 0 || value == 0)))
                throw new ArgumentOutOfRangeException(nameof(value), value, "epsilon is 0 or within 2^-31 … 0.9");
            _epsilonCode = (byte)code;
        }
    }

    /// <summary>The picture is grey: the decoder drops the colour.</summary>
    public bool IsGrey { get; init; }

    /// <summary>The file has an alpha plane. Set by the file that holds it.</summary>
    public bool HasAlpha { get; internal init; }

    /// <summary>What is to be repaired, where the encoder said so.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such degradation, or <see cref="Degradation.Clean"/>, for which there is nothing to say.</exception>
    public Degradation? Degradation
    {
        get => _degradation;
        init
        {
            if (value is { } given && (!Enum.IsDefined(given) || given == LlIcm.Degradation.Clean))
                throw new ArgumentOutOfRangeException(nameof(value), value, "a file's hint is one of the ten degradations, or none");
            _degradation = value;
        }
    }

    // In the file the hints count from 1; 0 is none, and what a later writer may add is ignored.
    internal static Degradation? HintOf(int code) =>
        code == 0 || code > (int)LlIcm.Degradation.Uncompleted + 1 ? null : (Degradation)(code - 1);

    internal byte HintCode => _degradation is { } given ? (byte)((byte)given + 1) : (byte)0;

    internal static bool IsValidQuality(double quality) => quality is 0 or (>= MinQuality and <= MaxQuality);

    internal int QualityCode
    {
        get => _qualityCode;
        init => _qualityCode = value;
    }

    internal byte EpsilonCode
    {
        get => _epsilonCode;
        init => _epsilonCode = value;
    }
}
