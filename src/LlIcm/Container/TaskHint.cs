namespace LlIcm.Container;

/// <summary>
/// What the encoder believes is wrong with the picture, so that a restorer can start without looking. The ten
/// degradations are those of DA-CLIP (arXiv:2310.01018).
/// </summary>
public enum TaskHint : byte
{
    /// <summary>No hint.</summary>
    None = 0,

    /// <summary>Motion blur.</summary>
    Deblur = 1,

    /// <summary>Haze.</summary>
    Dehaze = 2,

    /// <summary>Block artefacts of JPEG.</summary>
    Deblock = 3,

    /// <summary>Too little light.</summary>
    LowLight = 4,

    /// <summary>Noise.</summary>
    Denoise = 5,

    /// <summary>Drops on the lens.</summary>
    Raindrop = 6,

    /// <summary>Rain.</summary>
    Derain = 7,

    /// <summary>Shadow.</summary>
    Deshadow = 8,

    /// <summary>Snow.</summary>
    Desnow = 9,

    /// <summary>Holes.</summary>
    Inpaint = 10,
}
