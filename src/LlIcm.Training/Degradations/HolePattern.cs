namespace LlIcm.Training.Degradations;

/// <summary>
/// Shapes of missing parts, as in RePaint (Lugmayr et al., CVPR 2022) and LaMa (Suvorov et al., WACV 2022).
/// </summary>
public enum HolePattern
{
    /// <summary>Thin strokes of straight pieces.</summary>
    Thin,

    /// <summary>Few thick strokes.</summary>
    Thick,

    /// <summary>One to five rectangles.</summary>
    Boxes,

    /// <summary>One half of the picture.</summary>
    Half,

    /// <summary>Every second row or column.</summary>
    Lines,
}
