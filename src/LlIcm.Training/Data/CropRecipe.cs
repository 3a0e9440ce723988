namespace LlIcm.Training.Data;

/// <summary>What <c>llicm train crops</c> makes: degraded crops, most of them coded and decoded, for <c>llicm train restorer</c>.</summary>
public sealed record CropRecipe
{
    /// <summary>Where pictures come from.</summary>
    public DataRecipe? Data { get; init; }

    /// <summary>Side of the crops in pixels, a multiple of 64; training cuts its own smaller ones out of them.</summary>
    public int Crop { get; init; } = 192;

    /// <summary>How many crops.</summary>
    public int Count { get; init; } = 12_288;

    /// <summary>Seed of the draws. Crops that are there already are kept: give more of them another count, not another seed.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Share of the crops that went through the model's codec.</summary>
    public double DecodedShare { get; init; } = 0.65;

    /// <summary>Share of the crops that went through a JPEG file instead.</summary>
    public double JpegShare { get; init; } = 0.1;

    /// <summary>Exponent of the qualities' draw, 1 + 7 u^bias: above 1 low qualities are more frequent than high ones.</summary>
    public double QualityBias { get; init; } = 1.6;

    /// <summary>Whether missing parts are filled before coding, as <c>compress --mask</c> does; the recogniser must see them as they are.</summary>
    public bool FillHoles { get; init; } = true;

    /// <summary>Checks the values.</summary>
    /// <exception cref="TrainingException">One makes no sense; the message names its key.</exception>
    public void Validate()
    {
        if (Crop is < 64 or > 1024 || Crop % 64 != 0) throw new TrainingException("recipe: crop must be a multiple of 64, at most 1024");
        if (Count < 1) throw new TrainingException("recipe: count must be positive");
        if (DecodedShare is not (>= 0 and <= 1)) throw new TrainingException("recipe: decoded_share must be 0 to 1");
        if (JpegShare is not (>= 0 and <= 1) || JpegShare + DecodedShare > 1)
            throw new TrainingException("recipe: jpeg_share must be 0 to 1, together with decoded_share at most 1");
        if (QualityBias is not (> 0 and <= 10)) throw new TrainingException("recipe: quality_bias must lie above 0 and not above 10");
    }
}
