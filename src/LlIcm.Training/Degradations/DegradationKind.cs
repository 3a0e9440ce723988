namespace LlIcm.Training.Degradations;

/// <summary>
/// What is wrong with a picture: the ten words of DA-CLIP's universal restoration, in its order (Luo et al.,
/// "Controlling
/// Vision-Language Models for Multi-Task Image Restoration", ICLR 2024), and none.
/// </summary>
public enum DegradationKind
{
    /// <summary>The camera moved during the exposure.</summary>
    MotionBlurry,

    /// <summary>Haze, fog or smoke.</summary>
    Hazy,

    /// <summary>Blocks and ringing of a strong JPEG compression.</summary>
    JpegCompressed,

    /// <summary>Far too dark, with the noise that goes with it.</summary>
    LowLight,

    /// <summary>Sensor noise or Gaussian noise.</summary>
    Noisy,

    /// <summary>Drops on the glass before the lens.</summary>
    Raindrop,

    /// <summary>Rain streaks.</summary>
    Rainy,

    /// <summary>A cast shadow.</summary>
    Shadowed,

    /// <summary>Falling snow.</summary>
    Snowy,

    /// <summary>Parts are missing (painted white).</summary>
    Uncompleted,

    /// <summary>Nothing: the picture itself.</summary>
    Clean,
}
