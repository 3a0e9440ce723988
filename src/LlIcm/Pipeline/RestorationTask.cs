namespace LlIcm;

/// <summary>What the restorer repairs.</summary>
public enum RestorationTask
{
    /// <summary>Motion blur.</summary>
    Deblur,

    /// <summary>Haze.</summary>
    Dehaze,

    /// <summary>JPEG's blocks.</summary>
    Deblock,

    /// <summary>Too little light.</summary>
    LowLight,

    /// <summary>Noise.</summary>
    Denoise,

    /// <summary>Drops on the lens or a pane.</summary>
    Raindrop,

    /// <summary>Rain streaks.</summary>
    Derain,

    /// <summary>Shadows.</summary>
    Deshadow,

    /// <summary>Snow.</summary>
    Desnow,

    /// <summary>Missing parts.</summary>
    Inpaint,
}
